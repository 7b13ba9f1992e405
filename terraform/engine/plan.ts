// Planning: evaluates a template against a state and says what would change.

import type { Diagnostic } from '../diagnostics.ts'
import type { Provider } from '../provider.ts'
import type { OnEvent } from './events.ts'
import type { Snapshot } from './snapshot.ts'
import type { State } from './state.ts'
import type { Template } from './template.ts'

export interface PlanRequest {
  readonly template: Template
  /** Values of input variables in their text form, as `-var` takes them. */
  readonly variables: Readonly<Record<string, string>>
  readonly providers: readonly Provider[]
  /** Null before the first build. */
  readonly state: State | null
  readonly mode: 'apply' | 'destroy'
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
}

export type ChangeAction = 'create' | 'read' | 'update' | 'replace' | 'delete' | 'no-op'

export interface PlannedChange {
  /** With its instance key. */
  readonly address: string
  readonly action: ChangeAction
}

export interface Plan {
  readonly request: PlanRequest
  readonly changes: readonly PlannedChange[]
  readonly snapshot: Snapshot
}

/** With errors among the diagnostics the plan still shows what could be evaluated, and cannot be applied. */
export async function planTemplate(request: PlanRequest): Promise<{ plan: Plan; diagnostics: Diagnostic[] }> {
  const snapshot = { instances: [], graph: request.template.graph }
  return { plan: { request, changes: [], snapshot }, diagnostics: [] }
}
