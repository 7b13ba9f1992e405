// `coder exp mcp server`: the deployment as tools for an AI, over stdin and stdout.

import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import { bashTool } from '../../mcp/bash-tool.ts'
import { serveJsonRpc } from '../../mcp/json-rpc.ts'
import { createMcpMethods } from '../../mcp/server.ts'
import { reportTask, taskTools } from '../../mcp/task-tools.ts'
import { templateTools } from '../../mcp/template-tools.ts'
import type { Tool, ToolContext } from '../../mcp/tool.ts'
import { workspaceTools } from '../../mcp/workspace-tools.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'

interface ServerOptions extends AgentOptions {
  readonly instructions?: string
  readonly allowedTools?: readonly string[]
  readonly appStatusSlug?: string
  readonly aiAgentapiUrl?: string
}

export async function serveTools(_args: readonly string[], options: ServerOptions): Promise<void> {
  const workspace = options.appStatusSlug
    ? { client: connectAsAgent(options), appSlug: options.appStatusSlug }
    : undefined
  const person = await connect(options).catch((error: unknown) => {
    // Inside a workspace nobody need be signed in for telling how the work goes.
    if (!workspace) throw error
    return undefined
  })
  if (options.aiAgentapiUrl)
    note('--ai-agentapi-url is not followed: the status of the app is what coder_report_task says.')
  const hands: ToolContext = {
    workspace,
    userConnection(): Connection {
      if (person) return person
      throw new CommandError('Nobody is signed in.', { hint: '`coder login <url>` signs in.' })
    },
  }
  const tools = allowed(
    [
      ...(person ? [...workspaceTools, bashTool, ...templateTools, ...taskTools] : []),
      ...(workspace ? [reportTask] : []),
    ],
    options.allowedTools,
  )
  const methods = createMcpMethods({ tools, hands, instructions: options.instructions ?? '' })
  await serveJsonRpc({ input: process.stdin, output: process.stdout, methods })
}

/** @param named separated by commas, or given several times. @throws CommandError naming the tools there are. */
function allowed(tools: readonly Tool[], named: readonly string[] = []): readonly Tool[] {
  const wanted = named.flatMap((names) => names.split(',')).map((name) => name.trim())
  if (wanted.length === 0) return tools
  for (const name of wanted)
    if (!tools.some((tool) => tool.name === name))
      throw new CommandError(`There is no tool ${name}.`, {
        detail: `Tools: ${tools.map((tool) => tool.name).join(', ')}`,
      })
  return tools.filter(({ name }) => wanted.includes(name))
}
