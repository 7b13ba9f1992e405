// The evaluator's interface for the files that evaluate one kind of expression each.

import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import type { Value } from '../../values/value.ts'
import type { EvaluationResult, Scope } from '../scope.ts'

export type Evaluated = EvaluationResult

export interface EvaluationContext {
  readonly diagnostics: Diagnostic[]
  readonly scope: Scope
  /** Whether diagnostics are discarded, so that their details need not be computed. */
  readonly isTrial: boolean
  evaluate(expression: ast.Expression): Value
  /** Evaluates with separate diagnostics. */
  attempt(expression: ast.Expression, isTrial?: boolean): Evaluated
  /** Evaluates in another scope. */
  evaluateIn(expression: ast.Expression, scope: Scope): Evaluated
  /** True, false, or an unknown; reports other values. */
  condition(expression: ast.Expression, isForCondition?: boolean): Value
  /** Runs with a loop's variables in scope. */
  withVariables<T>(names: LoopVariables, key: Value, value: Value, run: () => T): T
  /** Evaluates the part after the star for one element. */
  evaluateEach(splat: ast.Splat, element: Value): Value
  /** Reports an error and returns an unknown value; `from` is the failed expression, if it is larger than the range. */
  error(range: Range, summary: string, detail: string, from?: ast.Expression): Value
  report(diagnostic: Diagnostic): void
  withNamedValues(diagnostic: Diagnostic, from: ast.Expression | undefined): Diagnostic
  /** Charges work that a template can request without limit; false when the budget is exhausted. */
  spend(range: Range, steps?: number): boolean
  /** Returns the value, or reports that it is too large. */
  checkSize(value: Value, range: Range): Value
}

export interface LoopVariables {
  readonly keyName: string | undefined
  readonly valueName: string
}
