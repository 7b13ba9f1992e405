// Client of a task's AI tool, through its workspace app: AgentAPI, which Coder's AI tools provide.

import type { AppResponseHead } from '../../api/agents/agent-protocol.ts'
import { ApiError } from '../../api/errors.ts'
import type { TaskLogEntry } from '../../api/tasks/tasks.ts'
import { callAgent, queryAgent } from '../agents/agent-requests.ts'
import { AgentError } from '../relay/agent-error.ts'
import type { Relay } from '../relay/relay.ts'

export interface TaskApp {
  readonly agentId: string
  /** URL of the app inside the workspace. */
  readonly url: string
}

export interface AgentApiMessage {
  readonly id: number
  readonly content: string
  readonly role: string
  readonly time?: string
}

/** @throws ApiError 409 while the tool processes the previous message */
export async function sendMessage(connections: Relay, app: TaskApp, content: string): Promise<void> {
  const { status } = await sendRequest<{ status?: string }>(connections, app, 'GET', 'status')
  if (status !== undefined && status !== 'stable') {
    throw new ApiError(409, 'The tool of the task is busy.', {
      detail: `Its state is "${status}". Send the message again when the tool is idle.`,
    })
  }
  await sendRequest(connections, app, 'POST', 'message', { content, type: 'user' })
}

export async function readMessages(connections: Relay, app: TaskApp): Promise<AgentApiMessage[]> {
  const { messages } = await sendRequest<{ messages?: AgentApiMessage[] }>(connections, app, 'GET', 'messages')
  return messages ?? []
}

export function toLogEntry({ id, content, role, time }: AgentApiMessage, defaultTime: Date): TaskLogEntry {
  const at = time === undefined ? defaultTime : new Date(time)
  return {
    id,
    content,
    type: role === 'user' ? 'input' : 'output',
    time: (Number.isNaN(at.getTime()) ? defaultTime : at).toISOString(),
  }
}

async function sendRequest<T>(
  connections: Relay,
  { agentId, url }: TaskApp,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<T> {
  const address = `${url.replace(/\/+$/, '')}/${path}`
  try {
    const input = { method, url: address }
    const response = await (method === 'GET'
      ? queryAgent<AppResponseHead>(connections, agentId, '/app-request', input)
      : callAgent<AppResponseHead>(connections, agentId, '/app-request', input, toBody(body)))
    if (response.status < 300) return (response.body === '' ? {} : JSON.parse(response.body)) as T
    throw unreachable(`It responded to ${method} ${path} with ${response.status}: ${response.body.slice(0, 300)}`)
  } catch (error) {
    if (error instanceof AgentError || error instanceof SyntaxError) throw unreachable(error.message)
    throw error
  }
}

const toBody = (body: unknown) => (body === undefined ? '' : JSON.stringify(body))

const unreachable = (detail: string) => new ApiError(502, 'Cannot communicate with the tool of the task.', { detail })
