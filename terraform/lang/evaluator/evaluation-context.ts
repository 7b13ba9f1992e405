// What evaluates, as those see it who evaluate one kind of expression each.

import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import type { Value } from '../../values/value.ts'
import type { EvaluationResult, Scope } from '../scope.ts'

export type Evaluated = EvaluationResult

export interface EvaluationContext {
  readonly diagnostics: Diagnostic[]
  readonly scope: Scope
  /** Whether what fails is not told, so that nobody asks why. */
  readonly isTrial: boolean
  evaluate(expression: ast.Expression): Value
  /** Evaluates with the diagnostics kept apart. */
  attempt(expression: ast.Expression, isTrial?: boolean): Evaluated
  /** Evaluates where other names mean something. */
  evaluateIn(expression: ast.Expression, scope: Scope): Evaluated
  /** True, false, or an unknown; what can not be either is told. */
  condition(expression: ast.Expression, isOfFor?: boolean): Value
  /** Runs with the variables of a loop. */
  withVariables<T>(names: LoopVariables, key: Value, value: Value, run: () => T): T
  /** What stands behind the star, for one element. */
  evaluateEach(splat: ast.Splat, element: Value): Value
  /** Tells, and gives what could not be evaluated: `from`, if it is more than the place. */
  error(range: Range, summary: string, detail: string, from?: ast.Expression): Value
  report(diagnostic: Diagnostic): void
  withNamedValues(diagnostic: Diagnostic, from: ast.Expression | undefined): Diagnostic
  /** Counts work that a template can ask for without limit; false when none is left. */
  spend(range: Range, steps?: number): boolean
  /** The value, unless it is too large. */
  checkSize(value: Value, range: Range): Value
}

export interface LoopVariables {
  readonly keyName: string | undefined
  readonly valueName: string
}
