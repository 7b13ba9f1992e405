// What the holder of the terminals and its child, the services, tell each other. The holder remembers, as it outlives
// the services: what was begun once is not begun again by the next child. Either may be of a newer version than the other:
// a kind that one does not know it passes over, and fields are only ever added.

import type { LifecycleState } from '../api/agents/agent-protocol.ts'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'

/** Terminal traffic since the holder started. */
export interface TerminalBytes {
  readonly rxBytes: number
  readonly txBytes: number
}

/** Known to the holder of the terminals only. */
export interface TerminalCounts extends TerminalBytes {
  readonly attached: number
}

export interface AgentMemory {
  /** Of the scripts that run at start. */
  readonly startup: 'not begun' | 'begun' | 'ended'
  readonly lifecycle: Lifecycle
  /** What coderd was told of the bytes of terminals; missing where an earlier agent remembers. */
  readonly told?: TerminalBytes
}

export interface Lifecycle {
  readonly state: LifecycleState
  readonly changed_at: string
}

export const freshMemory = (): AgentMemory => ({
  startup: 'not begun',
  lifecycle: { state: 'created', changed_at: new Date().toISOString() },
  told: { rxBytes: 0, txBytes: 0 },
})

export type ToServices =
  | { readonly kind: 'counts'; readonly counts: TerminalCounts }
  | { readonly kind: 'start'; readonly manifest: Manifest; readonly memory: AgentMemory }
  /** A command that ended in a terminal, for the history; numbered in their order. */
  | { readonly kind: 'command'; readonly command: ReportedCommand; readonly number: number }
  /** Send what is held and end: newer services take over. */
  | { readonly kind: 'leave' }
  /** Run the stop scripts, report, end. */
  | { readonly kind: 'stop' }

export type FromServices =
  | { readonly kind: 'remember'; readonly memory: AgentMemory }
  /** The history has all commands up to that number: nobody need remember them any more. */
  | { readonly kind: 'commands kept'; readonly through: number }
  /** Asks for the counts of the terminals. */
  | { readonly kind: 'count' }
