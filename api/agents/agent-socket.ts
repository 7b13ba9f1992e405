// What programs inside a workspace ask of its agent, over a socket of the computer that only the agent's own user may
// open: a connection a question, one line of JSON there, lines of JSON back. Knows no sockets.

/** Names the socket, in the agent's environment as a wish and in that of everything it starts as a fact. */
export const agentSocketVariable = 'CODER_AGENT_SOCKET_PATH'

/** Of a unit: a named phase of work, mostly a script. */
export type UnitStatus = 'not registered' | 'pending' | 'started' | 'completed'

export interface UnitState {
  readonly unit_name: string
  readonly status: UnitStatus
  /** Everything it depends on has completed. */
  readonly is_ready: boolean
  readonly dependencies: readonly UnitDependency[]
}

export interface UnitDependency {
  readonly depends_on: string
  readonly required_status: UnitStatus
  readonly current_status: UnitStatus
  readonly is_satisfied: boolean
}

export type AgentQuestion =
  | { readonly ask: 'ping' }
  /** The unit is to start after these have completed. */
  | { readonly ask: 'want'; readonly unit: string; readonly dependencies: readonly string[] }
  /** Answered when the unit may start; before, one line tells what it waits for. Hanging up takes the question back. */
  | { readonly ask: 'start'; readonly unit: string }
  | { readonly ask: 'complete'; readonly unit: string }
  | { readonly ask: 'status'; readonly unit: string }

export type AgentReply =
  | { readonly kind: 'waiting'; readonly unit: UnitState }
  /** The last one; `unit` after a question about one. */
  | { readonly kind: 'done'; readonly unit?: UnitState }
  | { readonly kind: 'error'; readonly message: string }
