// Evaluates expressions. Never throws for an invalid template: an invalid expression produces a
// diagnostic and an unknown value, so that dependent expressions are evaluated as far as possible.

import { type Diagnostic, errorAt, hasErrors, type NamedValue } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import type { Traversal } from '../../hcl/traversal.ts'
import { convert, failed } from '../../values/convert.ts'
import { boolType, type Type } from '../../values/type.ts'
import { isFromStub, sizeOf, tuple, unknown, unknownStub, type Value, withMarks } from '../../values/value.ts'
import { maxTextLength, maxValueSize } from '../limits.ts'
import type { Scope, Step } from '../scope.ts'
import { type AccessFailure, getAttribute, getIndex } from './access.ts'
import { call } from './evaluate-call.ts'
import { conditional } from './evaluate-conditional.ts'
import { forExpression, objectExpression } from './evaluate-loops.ts'
import { binary, unary } from './evaluate-operators.ts'
import { splat } from './evaluate-splat.ts'
import { template } from './evaluate-template.ts'
import type { Evaluated, EvaluationContext } from './evaluation-context.ts'
import { namedValuesIn } from './named-values.ts'
import { referenceOf, stepOf } from './reference.ts'

export function evaluate(expression: ast.Expression, scope: Scope): Evaluated {
  return scope.cache
    ? scope.cache.getOrEvaluate(expression, scope, (inner) => evaluateUncached(expression, inner))
    : evaluateUncached(expression, scope)
}

function evaluateUncached(expression: ast.Expression, scope: Scope): Evaluated {
  const evaluator = new Evaluator(scope)
  const value = evaluator.evaluate(expression)
  return { value, diagnostics: evaluator.diagnostics }
}

/** Evaluates and converts; reports failed conversions at the expression. `target` names the value: `count`. */
export function evaluateTo(
  expression: ast.Expression,
  type: Type,
  scope: Scope,
  target: string,
  summary = 'Incorrect value type',
): Evaluated {
  const { value, diagnostics } = evaluate(expression, scope)
  const converted = convert(value, type)
  if (!failed(converted)) return { value: converted, diagnostics }
  if (isFromStub(value)) return { value: unknownStub(type), diagnostics }
  // A failed expression has no meaningful type.
  if (hasErrors(diagnostics)) return { value: unknown(type), diagnostics }
  const detail = `Inappropriate value for ${target}: ${converted.problem}.`
  const problem = withNamedValues(errorAt(expression.range, summary, detail), expression, scope)
  return { value: unknown(type), diagnostics: [...diagnostics, problem] }
}

/** Adds the values of the expression's references to the diagnostic. */
export function withNamedValues(diagnostic: Diagnostic, expression: ast.Expression, scope: Scope): Diagnostic {
  const values = new Evaluator(scope).explain(expression)
  return values.length > 0 ? { ...diagnostic, values } : diagnostic
}

// Makes the step budget end at about the limit of reported errors.
const errorSteps = 1_000

class Evaluator implements EvaluationContext {
  readonly diagnostics: Diagnostic[] = []
  readonly scope: Scope
  /** Variables of the enclosing `for` expressions, innermost last. */
  readonly #names: Map<string, Value>
  readonly #splatItems = new Map<ast.SplatItem, Value>()

  /** Whether diagnostics are discarded, so that their details need not be computed. */
  readonly isTrial: boolean

  constructor(scope: Scope, names: ReadonlyMap<string, Value> = new Map(), isTrial = false) {
    this.scope = scope
    this.#names = new Map(names)
    this.isTrial = isTrial
  }

  evaluate(expression: ast.Expression): Value {
    switch (expression.type) {
      case 'literal':
        return expression.value
      case 'template':
        return template(this, expression)
      case 'variable':
      case 'attribute':
        return this.#reference(expression)
      case 'index':
        return this.#index(expression)
      case 'splat':
        return splat(this, expression)
      case 'splat-item':
        return this.#splatItems.get(expression) ?? unknown()
      case 'call':
        return call(this, expression)
      case 'unary':
        return unary(this, expression)
      case 'binary':
        return binary(this, expression)
      case 'conditional':
        return conditional(this, expression)
      case 'tuple':
        return this.checkSize(tuple(expression.elements.map((element) => this.evaluate(element))), expression.range)
      case 'object':
        return objectExpression(this, expression)
      case 'for':
        return forExpression(this, expression)
      case 'parentheses':
        return this.evaluate(expression.inner)
      case 'invalid':
        return unknown()
    }
  }

  /** `from` is the failed expression. */
  error(range: Range, summary: string, detail: string, from?: ast.Expression): Value {
    this.report(this.withNamedValues(errorAt(range, summary, detail), from))
    return unknown()
  }

  /** Errors inside loops repeat, so each costs many steps. */
  report(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic)
    if (!this.isTrial && diagnostic.severity === 'error') this.scope.environment.limits.steps -= errorSteps
  }

  withNamedValues(diagnostic: Diagnostic, from: ast.Expression | undefined): Diagnostic {
    const values = from && !this.isTrial ? this.explain(from) : []
    return values.length > 0 ? { ...diagnostic, values } : diagnostic
  }

  explain(expression: ast.Expression): readonly NamedValue[] {
    return namedValuesIn(expression, (traversal) => this.#valueOf(traversal))
  }

  #valueOf([root, ...steps]: Traversal): Value | undefined {
    if (root?.kind !== 'root') return undefined
    const bound = this.#names.get(root.name)
    const named = steps.findIndex((step) => step.kind === 'index')
    const names = (named < 0 ? steps : steps.slice(0, named)).flatMap((step) => (step.kind === 'index' ? [] : [step]))
    let isBroken = false
    const resolved = bound
      ? { value: bound, consumed: 1 }
      : this.scope.resolve([root, ...names], () => {
          isBroken = true
        })
    let value: Value | AccessFailure = resolved.value
    for (const step of steps.slice(resolved.consumed - 1)) {
      if (isBroken || 'problem' in value) return undefined
      value = step.kind === 'index' ? getIndex(value, step.key) : getAttribute(value, step.name)
    }
    return isBroken || 'problem' in value || resolved.consumed > steps.length + 1 ? undefined : value
  }

  /** Charges work that a template can request without limit. */
  spend(range: Range, steps = 1): boolean {
    const { limits } = this.scope.environment
    const before = limits.steps
    limits.steps -= steps
    if (limits.steps >= 0) return true
    if (before >= 0) {
      this.error(
        range,
        'Too much computation',
        'The template exceeds the limit for computation. Use smaller collections.',
      )
    }
    return false
  }

  checkSize(value: Value, range: Range): Value {
    const isTooLarge = sizeOf(value) > maxValueSize || (value.kind === 'string' && value.value.length > maxTextLength)
    if (!isTooLarge) return value
    return this.error(
      range,
      'Value too large',
      'The value exceeds the maximum size of a value in a plan. Use smaller collections or strings.',
    )
  }

  #reference(expression: ast.Variable | ast.AttributeAccess): Value {
    const steps = referenceOf(expression)
    if (!steps) {
      const access = expression as ast.AttributeAccess
      return this.#attribute(this.evaluate(access.object), stepOf(access), expression)
    }
    const [first, ...rest] = steps
    const bound = first && this.#names.get(first.name)
    if (bound) return rest.reduce<Value>((value, step) => this.#attribute(value, step, expression), bound)
    const { value, consumed } = this.scope.resolve(steps, (diagnostic) => this.report(diagnostic))
    return steps.slice(consumed).reduce<Value>((object, step) => this.#attribute(object, step, expression), value)
  }

  #attribute(value: Value, step: Step, from: ast.Expression): Value {
    const result = getAttribute(value, step.name)
    return 'problem' in result ? this.error(step.stepRange ?? step.range, result.summary, result.problem, from) : result
  }

  #index(expression: ast.Index): Value {
    const collection = this.evaluate(expression.collection)
    const key = this.evaluate(expression.key)
    const result = getIndex(collection, key)
    return 'problem' in result
      ? this.error(expression.bracketRange, result.summary, result.problem, expression)
      : result
  }

  condition(expression: ast.Expression, isForCondition = false): Value {
    const value = this.evaluate(expression)
    if (value.kind === 'null') {
      const summary = isForCondition ? 'Condition is null' : 'Null condition'
      return this.error(expression.range, summary, 'The condition is null. It must be true or false.', expression)
    }
    // Only a `for` condition is checked for whether an unknown value can convert.
    if (value.kind === 'unknown' && !isForCondition) return withMarks(unknown(boolType), value.marks)
    const converted = convert(value, boolType)
    if (failed(converted) && isFromStub(value)) return unknownStub(boolType)
    if (failed(converted)) {
      const summary = isForCondition ? "Invalid 'for' condition" : 'Incorrect condition type'
      return this.error(expression.range, summary, 'The condition must be true or false.', expression)
    }
    return converted
  }

  /** Evaluates with separate diagnostics. */
  attempt(expression: ast.Expression, isTrial = this.isTrial): Evaluated {
    const inner = new Evaluator(this.scope, this.#names, isTrial)
    for (const [item, value] of this.#splatItems) inner.#splatItems.set(item, value)
    const value = inner.evaluate(expression)
    return { value, diagnostics: inner.diagnostics }
  }

  withVariables<T>(
    names: { keyName: string | undefined; valueName: string },
    key: Value,
    value: Value,
    run: () => T,
  ): T {
    const { keyName, valueName } = names
    const outerKey = keyName === undefined ? undefined : this.#names.get(keyName)
    const outerValue = this.#names.get(valueName)
    if (keyName !== undefined) this.#names.set(keyName, key)
    this.#names.set(valueName, value)
    const result = run()
    this.#restore(valueName, outerValue)
    if (keyName !== undefined) this.#restore(keyName, outerKey)
    return result
  }

  #restore(name: string, value: Value | undefined): void {
    if (value) this.#names.set(name, value)
    else this.#names.delete(name)
  }

  evaluateEach({ item, each }: ast.Splat, element: Value): Value {
    this.#splatItems.set(item, element)
    const result = this.evaluate(each)
    this.#splatItems.delete(item)
    return result
  }

  evaluateIn(expression: ast.Expression, scope: Scope): Evaluated {
    return evaluateUncached(expression, scope)
  }
}
