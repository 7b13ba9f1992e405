// Messages between the terminal holder and its child, the services process. The holder outlives the services and stores
// their state, so that the next child does not repeat work. Either may be newer than the other: unknown kinds are
// ignored, fields are only added, and names stay.

import type { LifecycleState } from '../api/agents/agent-protocol.ts'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'

/** Terminal traffic since the holder started. */
export interface TerminalBytes {
  readonly rxBytes: number
  readonly txBytes: number
}

/** Known to the terminal holder only. */
export interface TerminalCounts extends TerminalBytes {
  readonly attached: number
}

/** State of the services that survives their restart. */
export interface ServicesState {
  /** State of the start scripts. */
  readonly startup: 'not begun' | 'begun' | 'ended'
  readonly lifecycle: Lifecycle
  /** Terminal bytes reported to coderd; absent from older agents. */
  readonly told?: TerminalBytes
}

export interface Lifecycle {
  readonly state: LifecycleState
  readonly changed_at: string
}

export const initialState = (): ServicesState => ({
  startup: 'not begun',
  lifecycle: { state: 'created', changed_at: new Date().toISOString() },
  told: { rxBytes: 0, txBytes: 0 },
})

export type ToServices =
  | { readonly kind: 'counts'; readonly counts: TerminalCounts }
  | { readonly kind: 'start'; readonly manifest: Manifest; readonly memory: ServicesState }
  /** A finished command of a terminal, for the history; numbers ascend. */
  | { readonly kind: 'command'; readonly command: ReportedCommand; readonly number: number }
  /** Flush and exit: newer services take over. */
  | { readonly kind: 'leave' }
  /** Run the stop scripts, report, exit. */
  | { readonly kind: 'stop' }

export type FromServices =
  | { readonly kind: 'remember'; readonly memory: ServicesState }
  /** The history has stored all commands up to this number. */
  | { readonly kind: 'commands kept'; readonly through: number }
  /** Requests the terminal counters. */
  | { readonly kind: 'count' }
