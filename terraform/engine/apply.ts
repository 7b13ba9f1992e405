// Applying a plan: makes the changes, ten at a time, and always gives back the state of what then exists.

import type { Diagnostic } from '../diagnostics.ts'
import type { OnEvent } from './events.ts'
import type { Plan } from './plan.ts'
import type { Snapshot } from './snapshot.ts'
import { emptyState, type State } from './state.ts'

export interface ApplyOptions {
  /** Once aborted nothing new is begun; what is being made is given the signal and its outcome is kept. */
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Told the whole state after each instance that was made, changed or destroyed, before the next one that depends on
   *  it begins: whoever stores it forgets nothing when the program is killed in the middle. */
  readonly onState?: (state: State) => void
}

export interface ApplyResult {
  /** True to what exists, also after a failure or a cancel. */
  readonly state: State
  readonly snapshot: Snapshot
  readonly diagnostics: Diagnostic[]
}

export async function applyPlan(plan: Plan, _options: ApplyOptions): Promise<ApplyResult> {
  return { state: plan.request.state ?? emptyState(), snapshot: plan.snapshot, diagnostics: [] }
}
