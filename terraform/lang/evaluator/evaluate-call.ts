// Evaluates function calls, including `try` and `can`, which handle errors.

import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import { parseTemplateText } from '../../hcl/parse-body.ts'
import { startRange } from '../../hcl/start-range.ts'
import { boolType } from '../../values/type.ts'
import {
  deepMarks,
  isFullyKnown,
  sizeOf,
  stubMark,
  type UnknownValue,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import { type Failure, type FunctionEnvironment, type FunctionTable, fail } from '../function.ts'
import { functions } from '../functions/function-table.ts'
import { calledFunction, callFunction, checkCount, convertArguments, findFunction } from './call-function.ts'
import type { Evaluated, EvaluationContext } from './evaluation-context.ts'
import { maxTemplateDepth, TemplateFileScope, unknownVariable } from './template-file-scope.ts'

export function call(context: EvaluationContext, expression: ast.Call): Value {
  if (context.scope.environment.allowsCalls === false) {
    const detail = 'Functions are not allowed here: the value must be a literal.'
    return context.error(expression.range, 'Function calls not allowed', detail)
  }
  const { functions: allowed } = context.scope.environment
  if (!allowed && expression.name === 'try') return tryArguments(context, expression)
  if (!allowed && expression.name === 'can') return canEvaluate(context, expression)
  const table = allowed ?? functions
  const environment = environmentOf(context, expression)
  const called = findFunction(expression, table, environment)
  if ('summary' in called) return reportFailedCall(context, called, expression, table)
  const last = expandLastArgument(context, expression)
  if (!last) return unknown()
  const own = expression.expandsLast ? expression.args.slice(0, -1) : expression.args
  const miscounted = checkCount(expression, called, own.length + last.elements.length)
  if (miscounted) return reportFailedCall(context, miscounted, expression, table)
  const before = context.diagnostics.length
  const evaluated = [...own.map((arg) => context.evaluate(arg)), ...last.elements]
  const { args, diagnostics } = convertArguments(expression, called, evaluated)
  for (const found of diagnostics) reportFailedCall(context, found, expression, table)
  // An invalid argument is reported once, not again as an invalid call.
  if (hasErrors(context.diagnostics.slice(before))) return unknown()
  if (!context.spend(expression.range, stepsOfCall(args))) return unknown()
  const result = callFunction(expression, called, args, environment)
  for (const found of result.diagnostics) reportFailedCall(context, found, expression, table)
  return context.checkSize(withMarks(result.value, last.marks), expression.range)
}

function environmentOf(context: EvaluationContext, expression: ast.Call): FunctionEnvironment {
  return {
    ...context.scope.environment,
    spend: (steps) => context.spend(expression.range, steps),
    markUncacheable: () => context.scope.markUncacheable?.(),
    render: (text, file, variables) => render(context, text, file, variables, expression.range),
  }
}

function reportFailedCall(
  context: EvaluationContext,
  problem: Diagnostic,
  expression: ast.Call,
  table: FunctionTable = functions,
): Value {
  context.report(withCallDetails(context, problem, expression, table))
  return unknown()
}

/** An invalid argument gets its own range. */
function withCallDetails(
  context: EvaluationContext,
  found: Diagnostic,
  expression: ast.Call,
  table: FunctionTable,
): Diagnostic {
  if (context.isTrial) return found
  const at = found.range?.start ?? 0
  const coversError = ({ range }: ast.Expression) => range.start <= at && at < range.end
  const arg = found.summary === 'Invalid function argument' ? expression.args.find(coversError) : undefined
  return {
    ...context.withNamedValues(found, arg ?? expression),
    calledFunction: calledFunction(expression.name, table),
  }
}

/** The arguments of a final `...` expansion; undefined when unknown or not a list. */
function expandLastArgument(
  context: EvaluationContext,
  expression: ast.Call,
): { readonly elements: readonly Value[]; readonly marks: number } | undefined {
  const last = expression.args.at(-1)
  if (!expression.expandsLast || !last) return noExpansion
  const before = context.diagnostics.length
  const value = context.evaluate(last)
  if (value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple') return value
  if (!mayExpand(value) && !hasErrors(context.diagnostics.slice(before))) {
    const detail = 'The argument before ... must be a list, whose elements become arguments.'
    context.error(last.range, 'Invalid expanding argument value', detail)
  }
  return undefined
}

function tryArguments(context: EvaluationContext, expression: ast.Call): Value {
  const problems: Diagnostic[] = []
  for (const arg of expression.args) {
    const attempt = context.attempt(arg, true)
    if (!hasErrors(attempt.diagnostics)) {
      // An unknown value may still fail, and then a later argument is the result.
      return isFullyKnown(attempt.value) ? attempt.value : undecided(attempt.value, unknown())
    }
    problems.push(...attempt.diagnostics)
  }
  const reasons = problems.map((problem) => `\n  - ${problem.summary}: ${problem.detail}`).join('')
  const detail = `Call to function "try" failed: no argument could be evaluated.${reasons}`
  return reportFailedCall(context, errorAt(startRange(expression), 'Error in function call', detail), expression)
}

function canEvaluate(context: EvaluationContext, expression: ast.Call): Value {
  const [arg, extra] = expression.args
  if (!arg) {
    const range = { ...expression.range, start: expression.range.end - 1 }
    const problem = errorAt(range, 'Not enough function arguments', 'Function "can" expects one argument.')
    return reportFailedCall(context, problem, expression)
  }
  if (extra) {
    const detail = 'Function "can" expects only one argument.'
    return reportFailedCall(context, errorAt(startRange(extra), 'Too many function arguments', detail), expression)
  }
  const attempt = context.attempt(arg, true)
  if (hasErrors(attempt.diagnostics)) return falseValue
  return isFullyKnown(attempt.value) ? trueValue : undecided(attempt.value, unknown(boolType))
}

function render(
  context: EvaluationContext,
  text: string,
  file: string,
  variables: ReadonlyMap<string, Value>,
  callRange: Range,
): Value | Failure {
  const scope = new TemplateFileScope(context.scope, variables)
  if (scope.depth > maxTemplateDepth)
    return fail(`${file}: template files include each other more than ${maxTemplateDepth} levels deep.`)
  const parsed = parseTemplateText({ file, text })
  const rendered = hasErrors(parsed.diagnostics) ? unparsable : context.evaluateIn(parsed.value, scope)
  const problem = [...parsed.diagnostics, ...rendered.diagnostics].find((found) => found.severity === 'error')
  if (!problem) return rendered.value
  // Reports the innermost failed template, not every template that includes it.
  if (problem.detail.startsWith(failedTemplate)) return { failure: problem.detail.slice(failedTemplate.length) }
  const position = problem.range && problem.range !== callRange ? ` (${lineIn(text, problem.range)})` : ''
  const failure = `${file}${position}: ${problem.summary}. ${problem.detail}`
  // Missing variables are reported at the second argument, the map of variables.
  return problem.summary === unknownVariable ? { failure, argument: 1 } : { failure }
}

// Characters or values that a function processes in about the time of one step.
const unitsPerStep = 256
const valuesPerStep = 16

/** Limits chains of calls with growing arguments. */
const stepsOfCall = (args: readonly Value[]): number =>
  args.reduce((steps, arg) => {
    const size = arg.kind === 'string' ? arg.value.length / unitsPerStep : sizeOf(arg) / valuesPerStep
    return steps + Math.floor(size)
  }, 1)

const noExpansion = { elements: [], marks: 0 }

const mayExpand = (value: Value): boolean =>
  value.kind === 'unknown' && ['list', 'set', 'tuple', 'dynamic'].includes(value.type.kind)

/** Drops the dependencies, but keeps the mark for missing modules and providers. */
const undecided = (value: Value, result: UnknownValue): Value => withMarks(result, deepMarks(value) & stubMark)

const trueValue: Value = { kind: 'bool', value: true, marks: 0 }
const falseValue: Value = { kind: 'bool', value: false, marks: 0 }

const lineIn = (text: string, range: Range) => `line ${text.slice(0, range.start).split('\n').length}`

const failedTemplate = 'Call to function "templatefile" failed: '

const unparsable: Evaluated = { value: unknown(), diagnostics: [] }
