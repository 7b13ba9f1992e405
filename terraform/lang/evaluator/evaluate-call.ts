// Calls of functions in expressions, and of `try` and `can`, which look at what fails.

import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import type * as ast from '../../hcl/ast.ts'
import { parseTemplateText } from '../../hcl/parse-body.ts'
import { startRange } from '../../hcl/start-range.ts'
import { boolType } from '../../values/type.ts'
import {
  absentMark,
  deepMarks,
  isWhollyKnown,
  sizeOf,
  type UnknownValue,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import { type Failure, type FunctionEnvironment, type FunctionTable, fail } from '../function.ts'
import { functions } from '../functions/function-table.ts'
import { calledFunction, callFunction, checkCount, convertArguments, functionOf } from './call-function.ts'
import type { Evaluated, Evaluating } from './evaluation-context.ts'
import { maxTemplateDepth, TemplateFileScope, unknownVariable } from './template-file-scope.ts'

export function call(on: Evaluating, expression: ast.Call): Value {
  if (on.scope.mayCall === false) {
    const detail = 'Functions may not be called here: the value must be written out.'
    return on.error(expression.range, 'Function calls not allowed', detail)
  }
  const { functions: allowed } = on.scope
  if (!allowed && expression.name === 'try') return tryArguments(on, expression)
  if (!allowed && expression.name === 'can') return canEvaluate(on, expression)
  const table = allowed ?? functions
  const environment = environmentOf(on, expression)
  const called = functionOf(expression, table, environment)
  if ('summary' in called) return failedCall(on, called, expression, table)
  const last = expanded(on, expression)
  if (!last) return unknown()
  const own = expression.expandsLast ? expression.args.slice(0, -1) : expression.args
  const miscounted = checkCount(expression, called, own.length + last.elements.length)
  if (miscounted) return failedCall(on, miscounted, expression, table)
  const before = on.diagnostics.length
  const given = [...own.map((arg) => on.evaluate(arg)), ...last.elements]
  const { args, diagnostics } = convertArguments(expression, called, given)
  for (const found of diagnostics) failedCall(on, found, expression, table)
  // What is wrong with an argument is not told again as what is wrong with the call.
  if (hasErrors(on.diagnostics.slice(before))) return unknown()
  if (!on.spend(expression.range, stepsOfCall(args))) return unknown()
  const result = callFunction(expression, called, args, environment)
  for (const found of result.diagnostics) failedCall(on, found, expression, table)
  return on.bound(withMarks(result.value, last.marks), expression.range)
}

function environmentOf(on: Evaluating, expression: ast.Call): FunctionEnvironment {
  return {
    moduleDir: on.scope.moduleDir,
    mayReadOutsideModule: on.scope.mayReadOutsideModule,
    alsoReadable: on.scope.alsoReadable,
    isPlanning: on.scope.isPlanning ?? false,
    planTime: on.scope.planTime,
    providerFunction: on.scope.providerFunction,
    spend: (steps) => on.spend(expression.range, steps),
    noteOneRun: () => on.scope.markUncacheable?.(),
    render: (text, file, variables) => render(on, text, file, variables, expression.range),
  }
}

function failedCall(
  on: Evaluating,
  problem: Diagnostic,
  expression: ast.Call,
  table: FunctionTable = functions,
): Value {
  on.tell(calledBy(on, problem, expression, table))
  return unknown()
}

/** An argument that is blamed is shown by itself. */
function calledBy(on: Evaluating, found: Diagnostic, expression: ast.Call, table: FunctionTable): Diagnostic {
  if (on.isTrial) return found
  const at = found.range?.start ?? 0
  const isBlamed = ({ range }: ast.Expression) => range.start <= at && at < range.end
  const arg = found.summary === 'Invalid function argument' ? expression.args.find(isBlamed) : undefined
  return { ...on.explained(found, arg ?? expression), calledFunction: calledFunction(expression.name, table) }
}

/** What the last argument stands for where `...` is behind it; undefined when that is not known yet or no list. */
function expanded(
  on: Evaluating,
  expression: ast.Call,
): { readonly elements: readonly Value[]; readonly marks: number } | undefined {
  const last = expression.args.at(-1)
  if (!expression.expandsLast || !last) return nothingExpanded
  const before = on.diagnostics.length
  const value = on.evaluate(last)
  if (value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple') return value
  if (!maySpread(value) && !hasErrors(on.diagnostics.slice(before))) {
    const detail = 'Before ... stands a list, whose elements become arguments.'
    on.error(last.range, 'Invalid expanding argument value', detail)
  }
  return undefined
}

function tryArguments(on: Evaluating, expression: ast.Call): Value {
  const problems: Diagnostic[] = []
  for (const arg of expression.args) {
    const attempt = on.attempt(arg, true)
    if (!hasErrors(attempt.diagnostics)) {
      // What is not known yet could still fail later, and then another argument would be the result.
      return isWhollyKnown(attempt.value) ? attempt.value : undecidedOf(attempt.value, unknown())
    }
    problems.push(...attempt.diagnostics)
  }
  const reasons = problems.map((problem) => `\n  - ${problem.summary}: ${problem.detail}`).join('')
  const detail = `Call to function "try" failed: no argument could be evaluated.${reasons}`
  return failedCall(on, errorAt(startRange(expression), 'Error in function call', detail), expression)
}

function canEvaluate(on: Evaluating, expression: ast.Call): Value {
  const [arg, extra] = expression.args
  if (!arg) {
    const range = { ...expression.range, start: expression.range.end - 1 }
    const problem = errorAt(range, 'Not enough function arguments', 'Function "can" expects one argument.')
    return failedCall(on, problem, expression)
  }
  if (extra) {
    const detail = 'Function "can" expects only one argument.'
    return failedCall(on, errorAt(startRange(extra), 'Too many function arguments', detail), expression)
  }
  const attempt = on.attempt(arg, true)
  if (hasErrors(attempt.diagnostics)) return canNot
  return isWhollyKnown(attempt.value) ? canDo : undecidedOf(attempt.value, unknown(boolType))
}

function render(
  on: Evaluating,
  text: string,
  file: string,
  variables: ReadonlyMap<string, Value>,
  callRange: Range,
): Value | Failure {
  const scope = new TemplateFileScope(on.scope, variables)
  if (scope.depth > maxTemplateDepth)
    return fail(`${file}: template files ask for each other more than ${maxTemplateDepth} deep.`)
  const parsed = parseTemplateText({ file, text })
  const rendered = hasErrors(parsed.diagnostics) ? parsedBadly : on.evaluateIn(parsed.value, scope)
  const problem = [...parsed.diagnostics, ...rendered.diagnostics].find((found) => found.severity === 'error')
  if (!problem) return rendered.value
  // Where a template that it asks for has failed, that one is named, and not all on the way to it.
  if (problem.detail.startsWith(failedTemplate)) return { failure: problem.detail.slice(failedTemplate.length) }
  const place = problem.range && problem.range !== callRange ? ` (${placeIn(text, problem.range)})` : ''
  const failure = `${file}${place}: ${problem.summary}. ${problem.detail}`
  // What is missing is missing in the map of variables, the second argument.
  return problem.summary === unknownVariable ? { failure, argument: 1 } : { failure }
}

// A function goes through so many units of text, or values, in about the time of a step.
const unitsPerStep = 256
const valuesPerStep = 16

/** Chains of calls whose arguments grow must end, too. */
const stepsOfCall = (args: readonly Value[]): number =>
  args.reduce((steps, arg) => {
    const size = arg.kind === 'string' ? arg.value.length / unitsPerStep : sizeOf(arg) / valuesPerStep
    return steps + Math.floor(size)
  }, 1)

const nothingExpanded = { elements: [], marks: 0 }

const maySpread = (value: Value): boolean =>
  value.kind === 'unknown' && ['list', 'set', 'tuple', 'dynamic'].includes(value.type.kind)

/** What it depends on is forgotten, but that it is not here. */
const undecidedOf = (value: Value, result: UnknownValue): Value => withMarks(result, deepMarks(value) & absentMark)

const canDo: Value = { kind: 'bool', value: true, marks: 0 }
const canNot: Value = { kind: 'bool', value: false, marks: 0 }

const placeIn = (text: string, range: Range) => `line ${text.slice(0, range.start).split('\n').length}`

const failedTemplate = 'Call to function "templatefile" failed: '

const parsedBadly: Evaluated = { value: unknown(), diagnostics: [] }
