// The input of planning.

import type { Provider } from '../../provider.ts'
import type { EvaluationCache } from '../evaluation/evaluation-cache.ts'
import type { InputValue } from '../evaluation/variables.ts'
import type { OnStep } from '../graph/run-graph.ts'
import type { OnEvent } from '../providers/events.ts'
import type { SubstituteType } from '../providers/registry.ts'
import type { State } from '../state/state.ts'
import type { Template } from '../template/template.ts'

export interface PlanRequest {
  readonly template: Template
  /** Values of input variables as text, in the form that `-var` accepts. */
  readonly variables: Readonly<Record<string, string>>
  /** Typed values of input variables; they override `variables`. */
  readonly variableValues?: ReadonlyMap<string, InputValue>
  readonly providers: readonly Provider[]
  /** Replaces types of the providers, for tests with mocks. */
  readonly substitute?: SubstituteType
  /** Null before the first build. */
  readonly state: State | null
  /** `refresh` reads the existing objects and changes nothing. */
  readonly mode: 'apply' | 'destroy' | 'refresh'
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  readonly onStep?: OnStep | undefined
  /** Whether file functions may read outside the template's folder. Default: false. */
  readonly mayReadOutsideModule?: boolean
  /** Results of earlier plans of the same template; this plan reads and extends it. */
  readonly cache?: EvaluationCache | undefined
}

/** Terraform's own default. */
export const maxParallelOperations = 10
