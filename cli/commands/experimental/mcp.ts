// `coder exp mcp server`: serves the deployment's tools to an AI client over stdin and stdout (Model Context Protocol).

import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import { bashTool } from '../../mcp/bash-tool.ts'
import { serveJsonRpc } from '../../mcp/json-rpc.ts'
import { createMcpMethods } from '../../mcp/methods.ts'
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
  const user = await connect(options).catch((error: unknown) => {
    // Inside a workspace, reporting the status needs no signed-in user.
    if (!workspace) throw error
    return undefined
  })
  if (options.aiAgentapiUrl) note('--ai-agentapi-url is ignored: the status of the app comes from coder_report_task.')
  const context: ToolContext = {
    workspace,
    userConnection(): Connection {
      if (user) return user
      throw new CommandError('You are not signed in.', { hint: '`coder login <url>` signs in.' })
    },
  }
  const tools = allowedTools(
    [
      ...(user ? [...workspaceTools, bashTool, ...templateTools, ...taskTools] : []),
      ...(workspace ? [reportTask] : []),
    ],
    options.allowedTools,
  )
  const methods = createMcpMethods({ tools, context, instructions: options.instructions ?? '' })
  await serveJsonRpc({ input: process.stdin, output: process.stdout, methods })
}

/** @param allowed names, also comma-separated; all tools when empty. @throws CommandError for an unknown name */
function allowedTools(tools: readonly Tool[], allowed: readonly string[] = []): readonly Tool[] {
  const wanted = allowed.flatMap((names) => names.split(',')).map((name) => name.trim())
  if (wanted.length === 0) return tools
  for (const name of wanted)
    if (!tools.some((tool) => tool.name === name))
      throw new CommandError(`Tool ${name} not found.`, {
        detail: `Tools: ${tools.map((tool) => tool.name).join(', ')}`,
      })
  return tools.filter(({ name }) => wanted.includes(name))
}
