// The methods of the Model Context Protocol: initialization, listing and calling tools. Independent of the tools and of the
// transport (json-rpc.ts).

import { version } from '../../lib/version.ts'
import { describeError } from '../output/errors.ts'
import { errorCodes, isObject, type Method, RpcError } from './json-rpc.ts'
import { describeTool, type Tool, type ToolContext, validateArguments } from './tool.ts'

/** The supported versions, whose tool calls are identical. For another version the client receives the newest one and
 *  decides whether to continue. */
const protocolVersions = ['2025-06-18', '2025-03-26', '2024-11-05']

export interface McpServerOptions {
  readonly tools: readonly Tool[]
  readonly context: ToolContext
  /** Passed to the AI at initialization; empty for none. */
  readonly instructions: string
}

export function createMcpMethods({ tools, context, instructions }: McpServerOptions): Readonly<Record<string, Method>> {
  return {
    initialize: ({ protocolVersion }) => ({
      protocolVersion: protocolVersions.find((version) => version === protocolVersion) ?? protocolVersions[0],
      capabilities: { tools: {} },
      serverInfo: { name: 'Coder Local', version },
      ...(instructions && { instructions }),
    }),
    ping: () => ({}),
    'tools/list': () => ({ tools: tools.map(describeTool) }),
    async 'tools/call'({ name, arguments: input = {} }, signal) {
      const tool = tools.find((candidate) => candidate.name === name)
      if (!tool) throw new RpcError(errorCodes.invalidParams, `Tool ${String(name)} not found.`)
      if (!isObject(input)) throw new RpcError(errorCodes.invalidParams, 'The arguments must be an object.')
      const problem = validateArguments(tool, input)
      if (problem) return failure(problem)
      try {
        return { content: [textContent(await tool.call(input as never, context, signal))] }
      } catch (error) {
        return failure(describeError(error))
      }
    },
  }
}

const textContent = (result: unknown) => ({
  type: 'text',
  text: typeof result === 'string' ? result : JSON.stringify(result, null, 2),
})

/** A result instead of a protocol error, so that the AI can read it and correct the call. */
const failure = (message: string) => ({ content: [textContent(message)], isError: true })
