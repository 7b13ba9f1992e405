// Client of the local agent's Unix socket, for commands that run inside a workspace.

import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import {
  type AgentSocketReply,
  type AgentSocketRequest,
  agentSocketVariable,
  type UnitState,
} from '../../api/agents/agent-socket.ts'
import { CommandError } from '../output/errors.ts'

interface CallOptions {
  /** The value of --socket-path. */
  readonly path: string | undefined
  readonly onWait?: (unit: UnitState) => void
  readonly timeoutMs?: number
}

// The agent answers every request except a wait immediately.
const defaultTimeoutMs = 10_000

/** @returns the state of the requested unit. @throws CommandError with the agent's error or the connection error */
export async function callAgent(
  request: AgentSocketRequest,
  { path, onWait = () => undefined, timeoutMs = defaultTimeoutMs }: CallOptions,
): Promise<UnitState | undefined> {
  if (!path)
    throw new CommandError('This command must run inside a workspace.', {
      detail: `${agentSocketVariable} is not set.`,
      hint: "run it in a script or a terminal of a workspace, or pass the agent's socket with --socket-path.",
    })
  const socket = createConnection(path)
  const limit = setTimeout(() => socket.destroy(timeoutError(request, timeoutMs)), timeoutMs)
  try {
    const failure = new Promise<never>((_, reject) =>
      socket.once('error', (error) => reject(connectionError(error, path))),
    )
    // The race below reports the error; a later one must not be an unhandled rejection.
    failure.catch(() => undefined)
    socket.write(`${JSON.stringify(request)}\n`)
    return await Promise.race([failure, readReply(socket, onWait)])
  } finally {
    clearTimeout(limit)
    socket.destroy()
  }
}

async function readReply(
  socket: NodeJS.ReadableStream,
  onWait: (unit: UnitState) => void,
): Promise<UnitState | undefined> {
  for await (const line of createInterface({ input: socket })) {
    const reply = JSON.parse(line) as AgentSocketReply
    if (reply.kind === 'waiting') onWait(reply.unit)
    else if (reply.kind === 'error') throw new CommandError(reply.message)
    else return reply.unit
  }
  throw new CommandError('The agent closed the connection without an answer.', { hint: 'was the workspace stopped?' })
}

const timeoutError = (request: AgentSocketRequest, timeoutMs: number) =>
  new CommandError(
    'unit' in request
      ? `The unit ${request.unit} is still waiting after ${timeoutMs / 1000} s.`
      : `The agent did not answer within ${timeoutMs / 1000} s.`,
    'unit' in request ? { hint: `\`coder exp sync status ${request.unit}\` lists its dependencies.` } : {},
  )

const connectionError = (error: Error, path: string) =>
  error instanceof CommandError
    ? error
    : new CommandError('Could not connect to the agent.', {
        detail: `${path}: ${error.message}`,
        hint: 'an agent with CODER_AGENT_SOCKET_SERVER_ENABLED=false has no socket.',
      })
