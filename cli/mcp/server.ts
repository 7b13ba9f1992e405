// The Model Context Protocol over stdio: who we are, which tools there are, calling them. Knows nothing of what they do.

import { version } from '../../lib/version.ts'
import { describeError } from '../output/errors.ts'
import { errorCodes, isObject, type Method, RpcError } from './json-rpc.ts'
import { describeTool, type Tool, type ToolContext, validateArguments } from './tool.ts'

/** Those whose tools are called alike. A client that asks for another gets the newest, and decides. */
const protocolVersions = ['2025-06-18', '2025-03-26', '2024-11-05']

export interface McpServerOptions {
  readonly tools: readonly Tool[]
  readonly hands: ToolContext
  /** Told to the AI before its first question; empty for nothing. */
  readonly instructions: string
}

export function createMcpMethods({ tools, hands, instructions }: McpServerOptions): Readonly<Record<string, Method>> {
  return {
    initialize: ({ protocolVersion }) => ({
      protocolVersion: protocolVersions.find((known) => known === protocolVersion) ?? protocolVersions[0],
      capabilities: { tools: {} },
      serverInfo: { name: 'Coder Local', version },
      ...(instructions && { instructions }),
    }),
    ping: () => ({}),
    'tools/list': () => ({ tools: tools.map(describeTool) }),
    async 'tools/call'({ name, arguments: input = {} }, signal) {
      const tool = tools.find((candidate) => candidate.name === name)
      if (!tool) throw new RpcError(errorCodes.invalidParams, `There is no tool ${String(name)}.`)
      if (!isObject(input)) throw new RpcError(errorCodes.invalidParams, 'The arguments are not an object.')
      const problem = validateArguments(tool, input)
      if (problem) return failure(problem)
      try {
        return { content: [textOf(await tool.call(input as never, hands, signal))] }
      } catch (error) {
        return failure(describeError(error))
      }
    },
  }
}

const textOf = (answer: unknown) => ({
  type: 'text',
  text: typeof answer === 'string' ? answer : JSON.stringify(answer, null, 2),
})

/** What the AI reads and may do better next time. */
const failure = (message: string) => ({ content: [textOf(message)], isError: true })
