// Asks the agent of the workspace that the command runs in, over its socket.

import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import {
  type AgentQuestion,
  type AgentReply,
  agentSocketVariable,
  type UnitState,
} from '../../api/agents/agent-socket.ts'
import { CommandError } from '../output/errors.ts'

interface Asking {
  /** The value of --socket-path. */
  readonly path: string | undefined
  readonly onWait?: (unit: UnitState) => void
  /** When to hang up. */
  readonly timeoutMs?: number
}

// Everything but waiting is answered at once.
const usualTimeoutMs = 10_000

/** @returns the unit that was asked about. @throws CommandError with what the agent has against it, or why it says nothing. */
export async function askAgent(
  question: AgentQuestion,
  { path, onWait = () => undefined, timeoutMs = usualTimeoutMs }: Asking,
): Promise<UnitState | undefined> {
  if (!path)
    throw new CommandError('This command speaks to the agent of a workspace, and this is none.', {
      detail: `${agentSocketVariable} is not set.`,
      hint: "run it in a script or a terminal of a workspace, or name the agent's socket with --socket-path.",
    })
  const socket = createConnection(path)
  const limit = setTimeout(() => socket.destroy(tooLong(question, timeoutMs)), timeoutMs)
  try {
    const broken = new Promise<never>((_, reject) => socket.once('error', (error) => reject(explain(error, path))))
    // Whoever waits for a line hears of it too.
    broken.catch(() => undefined)
    socket.write(`${JSON.stringify(question)}\n`)
    return await Promise.race([broken, readReply(socket, onWait)])
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
    const reply = JSON.parse(line) as AgentReply
    if (reply.kind === 'waiting') onWait(reply.unit)
    else if (reply.kind === 'error') throw new CommandError(reply.message)
    else return reply.unit
  }
  throw new CommandError('The agent hung up without an answer.', { hint: 'was the workspace stopped?' })
}

const tooLong = (question: AgentQuestion, timeoutMs: number) =>
  new CommandError(
    'unit' in question
      ? `The unit ${question.unit} still waits after ${timeoutMs / 1000} s.`
      : `The agent did not answer within ${timeoutMs / 1000} s.`,
    'unit' in question ? { hint: `\`coder exp sync status ${question.unit}\` says for what.` } : {},
  )

const explain = (error: Error, path: string) =>
  error instanceof CommandError
    ? error
    : new CommandError('The agent does not answer.', {
        detail: `${path}: ${error.message}`,
        hint: 'an agent whose environment says CODER_AGENT_SOCKET_SERVER_ENABLED=false does not listen.',
      })
