// Requests of programs inside a workspace to its agent, over a local socket that only the agent's user can open. One
// connection per request: one line of JSON to the agent, lines of JSON back. Contains no socket code.

/** Path of the socket: a setting in the agent's own environment, exported to every process that it starts. */
export const agentSocketVariable = 'CODER_AGENT_SOCKET_PATH'

/** Status of a unit: a named phase of work, usually a script. */
export type UnitStatus = 'not registered' | 'pending' | 'started' | 'completed'

export interface UnitState {
  readonly unit_name: string
  readonly status: UnitStatus
  /** Whether all its dependencies have completed. */
  readonly is_ready: boolean
  readonly dependencies: readonly UnitDependency[]
}

export interface UnitDependency {
  readonly depends_on: string
  readonly required_status: UnitStatus
  readonly current_status: UnitStatus
  readonly is_satisfied: boolean
}

export type AgentSocketRequest =
  | { readonly ask: 'ping' }
  /** Registers the dependencies of a unit. */
  | { readonly ask: 'want'; readonly unit: string; readonly dependencies: readonly string[] }
  /** Answered when the unit may start; until then, one line reports the pending dependencies. Closing the connection
   *  cancels the request. */
  | { readonly ask: 'start'; readonly unit: string }
  | { readonly ask: 'complete'; readonly unit: string }
  | { readonly ask: 'status'; readonly unit: string }

export type AgentSocketReply =
  | { readonly kind: 'waiting'; readonly unit: UnitState }
  /** The final reply; `unit` is set if the request named one. */
  | { readonly kind: 'done'; readonly unit?: UnitState }
  | { readonly kind: 'error'; readonly message: string }
