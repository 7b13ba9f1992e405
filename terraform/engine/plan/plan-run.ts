// The state of one planning run, shared by the planners of blocks and of orphaned objects.

import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import type { Registry } from '../providers/registry.ts'
import type { WorkingState } from '../state/working-state.ts'
import type { PlanningContext } from './instance-plan.ts'
import type { PlanRequest } from './plan-request.ts'
import type { PlannedInstances } from './planned-instances.ts'
import type { Removals } from './refactoring.ts'

export interface PlanRun {
  readonly request: PlanRequest
  readonly registry: Registry
  /** The root module's. */
  readonly evaluation: Evaluation
  readonly working: WorkingState
  readonly removals: Removals
  readonly planned: PlannedInstances
  readonly context: PlanningContext
  /** Records diagnostics; false if any is an error. */
  report(diagnostics: readonly Diagnostic[]): boolean
}
