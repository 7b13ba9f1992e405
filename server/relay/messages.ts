// What coderd and its relay say to each other, beside the link (an HTTP/2 session on a pipe of theirs) on which coderd opens
// streams to agents. Sockets travel with the message that names them, as process handles.

import type { AgentIdentity, AgentRole } from '../../api/agents/agent-protocol.ts'
import type { AgentOfWorkspace } from './connected-agents.ts'

/** A socket whose peer has asked for an upgrade that nobody has answered yet. */
export interface Arrival {
  /** Of its request, what the answer depends on: nothing of who asks. */
  readonly headers: Readonly<Record<string, string>>
  /** What it has sent after its request. */
  readonly head: Uint8Array
}

export type ToRelay =
  /** With the socket of an agent. */
  | { type: 'agent'; id: number; agent: AgentOfWorkspace; identity: AgentIdentity; arrival: Arrival }
  /** With the socket of somebody who looks at a terminal; `query` is the agent's. */
  | { type: 'terminal'; id: number; agentId: string; query: Readonly<Record<string, string>>; arrival: Arrival }
  /** Follows each socket, which can be lost on its way without a word: then this comes alone. */
  | { type: 'sent'; id: number }
  | { type: 'close-terminal'; id: number; code: number; reason: string }
  /** Ends the connections of an agent. */
  | { type: 'drop'; agentId: string }
  /** Ends everything and then itself. */
  | { type: 'stop' }

export type FromRelay =
  /** It has the socket that came with the message of this id. */
  | { type: 'received'; id: number }
  /** It has not, and nobody answers that socket here. */
  | { type: 'lost'; id: number; reason: string }
  | { type: 'connected'; agent: AgentOfWorkspace; identity: AgentIdentity }
  | { type: 'disconnected'; agentId: string; role: AgentRole }
  | { type: 'latency'; agentId: string; role: AgentRole; latencyMs: number }
  | { type: 'terminal-closed'; id: number; code: number; reason: string }

/** The fork's extra pipe, which carries the link. */
export const linkFd = 4

/** Status on the link of what was asked of an agent that is not connected; any other but 200 is a refusal, with its reason. */
export const awayStatus = 421
