// Evaluates expressions with the variables and functions of a specification or its caller.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Expression } from '../hcl/ast.ts'
import { findTraversals } from '../hcl/find-traversals.ts'
import { startRange } from '../hcl/start-range.ts'
import type { Traversal } from '../hcl/traversal.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import type { FunctionTable } from '../lang/function.ts'
import { freshLimits } from '../lang/limits.ts'
import type { Environment, Reference, Resolved, Scope } from '../lang/scope.ts'
import { unknown, type Value } from '../values/value.ts'

/** Undefined variables or functions are not allowed at all, which has its own error message. */
export interface Context {
  readonly variables: ReadonlyMap<string, Value> | undefined
  readonly functions: FunctionTable | undefined
}

/** For literal values. */
export const noContext: Context = { variables: undefined, functions: undefined }

export type Report = (diagnostic: Diagnostic) => void

/** The value of an argument, independent of the file's syntax. */
export interface ArgumentValue {
  readonly range: Range
  /** The first one or two tokens, the range for errors about the whole value. */
  readonly startRange: Range
  evaluate(context: Context, report: Report): Value
  traversals(): readonly Traversal[]
}

export const argumentValue = (expression: Expression): ArgumentValue => ({
  range: expression.range,
  startRange: startRange(expression),
  evaluate: (context, report) => evaluateIn(expression, context, report),
  traversals: () => findTraversals(expression),
})

export function evaluateIn(expression: Expression, context: Context, report: Report): Value {
  const { value, diagnostics } = evaluate(expression, new ContextScope(context))
  for (const diagnostic of diagnostics) report(diagnostic)
  return value
}

class ContextScope implements Scope {
  readonly environment: Environment
  readonly #variables: Context['variables']

  constructor({ variables, functions }: Context) {
    const allowsCalls = functions !== undefined
    this.environment = { moduleDir: '', mayReadOutsideModule: false, limits: freshLimits(), functions, allowsCalls }
    this.#variables = variables
  }

  resolve(reference: Reference, report: Report): Resolved {
    const [root] = reference
    const value = root && this.#variables?.get(root.name)
    if (value) return { value, consumed: 1 }
    if (root) report(this.#problem(root.name, root.range))
    return { value: unknown(), consumed: reference.length }
  }

  #problem(name: string, range: Range): Diagnostic {
    if (!this.#variables) return errorAt(range, 'Variables not allowed', 'Variables are not allowed here.')
    const detail = `There is no variable named "${name}".${didYouMean(name, this.#variables.keys())}`
    return errorAt(range, 'Unknown variable', detail)
  }
}
