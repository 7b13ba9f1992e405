// IPC messages between coderd and the relay. Sockets are passed as handles with the message. A separate HTTP/2 session
// over a pipe carries the streams from coderd to agents.

import type { AgentIdentity, AgentRole, DialTarget } from '../../api/agents/agent-protocol.ts'
import type { AgentReference } from './connected-agents.ts'

/** The request of a pending upgrade, without its socket. */
export interface ForwardedUpgrade {
  /** The headers that the response depends on; no credentials. */
  readonly headers: Readonly<Record<string, string>>
  /** Bytes received after the request. */
  readonly head: Uint8Array
}

export type ToRelay =
  /** With the socket of an agent's connection. */
  | { type: 'agent'; id: number; agent: AgentReference; identity: AgentIdentity; upgrade: ForwardedUpgrade }
  /** With the socket of a terminal client; `query` is passed to the agent. */
  | {
      type: 'terminal'
      id: number
      agentId: string
      query: Readonly<Record<string, string>>
      upgrade: ForwardedUpgrade
    }
  /** With a socket that an agent dialed for the request with this ticket. */
  | { type: 'raw-socket'; id: number; ticket: string; upgrade: ForwardedUpgrade }
  /** With the socket of a client that is to be joined with a dialed socket. */
  | { type: 'tunnel'; id: number; agentId: string; target: DialTarget; upgrade: ForwardedUpgrade }
  /** Follows each socket. A socket can be lost in transit without an error; then only this message arrives. */
  | { type: 'sent'; id: number }
  /** Closes the socket of a terminal or tunnel; a tunnel without the code and the reason. */
  | { type: 'close-client'; id: number; code: number; reason: string }
  /** Closes the connections of an agent. */
  | { type: 'drop'; agentId: string }
  /** Closes all connections and exits. */
  | { type: 'stop' }

export type FromRelay =
  /** The relay has received the socket with this ID. */
  | { type: 'received'; id: number }
  /** The socket with this ID was lost; coderd must respond to it. */
  | { type: 'lost'; id: number; reason: string }
  | { type: 'connected'; agent: AgentReference; identity: AgentIdentity }
  | { type: 'disconnected'; agentId: string; role: AgentRole }
  | { type: 'latency'; agentId: string; role: AgentRole; latencyMs: number }
  /** The socket of a terminal or tunnel was closed. */
  | { type: 'client-closed'; id: number; code: number; reason: string }

/** File descriptor of the pipe with the HTTP/2 session. */
export const linkFd = 4

/** Response status if the agent is not connected. Every other status except 200 is a rejection with the reason as body. */
export const notConnectedStatus = 421
