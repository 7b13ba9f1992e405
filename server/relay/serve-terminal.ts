// A terminal from its open WebSocket on: the wait for an agent that is on its way, and the stream that it is served on.

import type { WebSocket } from 'ws'
import { terminalCloseCodes } from '../../api/agents/agent-protocol.ts'
import { AgentError } from './agent-error.ts'
import type { AgentSessions } from './agent-sessions.ts'
import { joinTerminal } from './join-terminal.ts'
import type { Query } from './open-stream.ts'

// After a restart of the relay its agents are back within a second; a machine that wakes up takes a little longer.
const agentPatienceMs = 10_000

/** Runs until either side ends. */
export async function serveTerminal(
  sessions: AgentSessions,
  agentId: string,
  query: Query,
  socket: WebSocket,
): Promise<void> {
  // What is typed already waits in the socket.
  socket.pause()
  const isOpen = () => socket.readyState === socket.OPEN
  try {
    await sessions.waitFor(agentId, 'terminals', agentPatienceMs)
    // Who was shut out meanwhile opens nothing.
    if (!isOpen()) return
    const stream = await sessions.dial(agentId, '/pty', query)
    if (isOpen()) joinTerminal(socket, stream)
    else stream.destroy()
  } catch (error) {
    const reason = error instanceof AgentError ? error.reason : 'refused'
    socket.close(closeCodes[reason], closeReason(error as Error))
  }
  socket.resume()
}

const closeCodes = {
  away: terminalCloseCodes.agentAway,
  lost: terminalCloseCodes.agentLost,
  refused: terminalCloseCodes.refused,
} as const satisfies Record<AgentError['reason'], number>

// A close frame holds 123 bytes of reason.
const maxReasonBytes = 123

const closeReason = ({ message }: Error) => {
  const bytes = Buffer.from(message)
  return bytes.length <= maxReasonBytes
    ? message
    : `${bytes
        .subarray(0, maxReasonBytes - 6)
        .toString()
        .replace(/\uFFFD$/, '')}…`
}
