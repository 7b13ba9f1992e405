// Serves the WebSocket of a terminal: waits for the agent to connect, then joins the socket with a stream to the agent.

import type { WebSocket } from 'ws'
import { terminalCloseCodes } from '../../api/agents/agent-protocol.ts'
import { AgentError } from './agent-error.ts'
import type { AgentSessions } from './agent-sessions.ts'
import { joinTerminal } from './join-terminal.ts'
import type { Query } from './open-stream.ts'

// Agents reconnect within a second after a restart of the relay; after a suspend it takes longer.
const agentTimeoutMs = 10_000

export async function serveTerminal(
  sessions: AgentSessions,
  agentId: string,
  query: Query,
  socket: WebSocket,
): Promise<void> {
  // Early input stays in the socket.
  socket.pause()
  const isOpen = () => socket.readyState === socket.OPEN
  try {
    await sessions.waitFor(agentId, 'terminals', agentTimeoutMs)
    // The client may have been disconnected during the wait.
    if (!isOpen()) return
    const stream = await sessions.dial(agentId, '/pty', query)
    if (isOpen()) joinTerminal(socket, stream)
    else stream.destroy()
  } catch (error) {
    const reason = error instanceof AgentError ? error.reason : 'rejected'
    socket.close(closeCodes[reason], closeReason(error as Error))
  }
  socket.resume()
}

const closeCodes = {
  'not-connected': terminalCloseCodes.agentAway,
  lost: terminalCloseCodes.agentLost,
  unsupported: terminalCloseCodes.refused,
  rejected: terminalCloseCodes.refused,
  invalid: terminalCloseCodes.refused,
} as const satisfies Record<AgentError['reason'], number>

// Limit of the reason in a close frame.
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
