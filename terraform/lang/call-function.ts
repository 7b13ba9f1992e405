// How a function is called: arguments are counted, converted, checked for null and unknown, and their marks moved to
// the result.

import { type CalledFunction, type Diagnostic, didYouMean, errorAt } from '../diagnostics.ts'
import type { Call } from '../hcl/ast.ts'
import { startRange } from '../hcl/start-range.ts'
import { convert, failed } from '../values/convert.ts'
import { refineNotNull } from '../values/refinement.ts'
import { boolType, dynamicType, type Type, typeToJson } from '../values/type.ts'
import { deepMarks, isWhollyKnown, typeOf, unknown, type Value, withMarks, withoutMarks } from '../values/value.ts'
import {
  type Failure,
  type FunctionEnvironment,
  type FunctionTable,
  isFailure,
  type LanguageFunction,
  type Parameter,
} from './functions/function.ts'
import { TooMuchWork } from './regexp.ts'

export interface Called {
  readonly value: Value
  readonly diagnostics: readonly Diagnostic[]
}

export function callFunction(
  expression: Call,
  args: readonly Value[],
  table: FunctionTable,
  environment: FunctionEnvironment,
): Called {
  // Every function of the language is also there under this name.
  const name = expression.name.replace(/^core::/, '')
  const isOfProvider = name.startsWith('provider::')
  const ofLanguage = Object.hasOwn(table, name) ? table[name] : undefined
  const called = ofLanguage ?? (isOfProvider ? environment.providerFunction?.(name) : undefined)
  if (!called) return problem(errorAt(expression.nameRange, ...unknownFunction(name, table, called)))
  if (called.isOfOneRun) environment.noteOneRun()
  const miscounted = checkCount(expression, called, args.length)
  if (miscounted) return problem(miscounted)
  const prepared = prepareArguments(called, args)
  if (isFailed(prepared)) return problem(blame(expression, called, prepared))
  const result =
    prepared === 'unknown' ? unknown(called.returnsFor?.(args) ?? called.returns) : run(called, prepared, environment)
  if (isFailure(result)) return problem(blame(expression, called, result))
  const value = called.mayGiveNull ? result : refineNotNull(result)
  return { value: withMarks(value, marksOf(called, args)), diagnostics: [] }
}

/** Summary and detail. */
function unknownFunction(name: string, table: FunctionTable, called: null | undefined): [string, string] {
  if (called === null) return ['Function not found in provider', `The provider has no function ${name}.`]
  const [word, provider] = name.split('::')
  if (word === 'provider') {
    const detail = `The module names no provider "${provider}" in its required_providers, so there is no ${name}.`
    return ['Unknown function provider', detail]
  }
  const hint = didYouMean(name, [...Object.keys(table), 'try', 'can'])
  return ['Call to unknown function', `There is no function named "${name}".${hint}`]
}

/** What Terraform gives depends on the type of what it gets. */
const decidesType = ({ type, mayBeUnknown, mayBeNull }: Parameter) =>
  type.kind === 'dynamic' && mayBeUnknown !== 'anywhere' && mayBeNull !== true

/** Those that the evaluator has to itself, because they look at how their arguments fail. */
const special: Readonly<Record<string, Pick<LanguageFunction, 'parameters' | 'rest' | 'returns'>>> = {
  try: { parameters: [], rest: { name: 'expressions', type: dynamicType }, returns: dynamicType },
  can: { parameters: [{ name: 'expression', type: dynamicType, mayBeUnknown: 'anywhere' }], returns: boolType },
}

/** As JSON tells it beside a diagnostic. */
export function calledFunction(name: string, table: FunctionTable): CalledFunction {
  const base = name.slice(name.lastIndexOf(':') + 1)
  const called = Object.hasOwn(table, base) ? table[base] : special[base]
  const inJson = ({ name, type }: Parameter) => ({ name, type: typeToJson(type) })
  const signature = called && {
    name: base,
    params: called.parameters.map(inJson),
    variadicParam: called.rest && inJson(called.rest),
    returnType: typeToJson(called.parameters.some(decidesType) ? dynamicType : called.returns),
  }
  return { calledAs: name, signature }
}

const problem = (diagnostic: Diagnostic): Called => ({ value: unknown(), diagnostics: [diagnostic] })

function run(called: LanguageFunction, args: readonly Value[], environment: FunctionEnvironment): Value | Failure {
  try {
    return called.call(args, environment)
  } catch (error) {
    // A string or array beyond what the runtime can hold; anything else is a fault of ours.
    if (error instanceof RangeError) return { failure: 'the result is too large.' }
    if (error instanceof TooMuchWork) return { failure: `${error.message}.` }
    throw error
  }
}

function checkCount(expression: Call, called: LanguageFunction, count: number): Diagnostic | undefined {
  const { name, range } = expression
  const wanted = called.parameters.length
  const plural = wanted === 1 ? 'argument' : 'arguments'
  if (count < wanted) {
    const missing = called.parameters[count]?.name
    const detail = `Function "${name}" expects ${called.rest ? 'at least ' : ''}${wanted} ${plural}; "${missing}" is missing.`
    return errorAt({ ...range, start: range.end - 1 }, 'Not enough function arguments', detail)
  }
  if (count <= wanted || called.rest) return undefined
  const extra = expression.args[wanted] ?? expression.args.at(-1) ?? expression
  return errorAt(
    startRange(extra),
    'Too many function arguments',
    `Function "${name}" expects only ${wanted} ${plural}.`,
  )
}

const parameterAt = (called: LanguageFunction, index: number) => (called.parameters[index] ?? called.rest) as Parameter

const isFailed = (prepared: Value[] | 'unknown' | Failure): prepared is Failure =>
  typeof prepared === 'object' && 'failure' in prepared

function prepareArguments(called: LanguageFunction, args: readonly Value[]): Value[] | 'unknown' | Failure {
  const prepared: Value[] = []
  // Of what type all of them are is asked before whether any of them is there.
  for (const [index, arg] of args.entries()) {
    const converted = convert(arg, parameterAt(called, index).type)
    if (failed(converted)) return { failure: `${converted.problem}.`, argument: index }
    prepared.push(called.handlesMarks ? converted : withoutMarks(converted))
  }
  const missing = prepared.findIndex(({ kind }, index) => kind === 'null' && !parameterAt(called, index).mayBeNull)
  if (missing !== -1) return { failure: 'it must not be null.', argument: missing }
  if (prepared.every((value, index) => copesWith(parameterAt(called, index), value))) return prepared
  const unfit = prepared.findIndex((value, index) => !isOfKind(typeOf(value), parameterAt(called, index)))
  return unfit === -1 ? 'unknown' : { failure: 'it can never be what is required here.', argument: unfit }
}

const isOfKind = ({ kind }: Type, { kinds }: Parameter): boolean =>
  kinds === undefined || kind === 'dynamic' || kinds.includes(kind)

function copesWith(parameter: Parameter, value: Value): boolean {
  if (parameter.mayBeUnknown === 'anywhere') return true
  return parameter.mayBeUnknown === 'inside' ? value.kind !== 'unknown' : isWhollyKnown(value)
}

function marksOf(called: LanguageFunction, args: readonly Value[]): number {
  if (called.handlesMarks) return 0
  return args.reduce((marks, arg, index) => {
    return marks | (parameterAt(called, index).mayBeUnknown ? arg.marks : deepMarks(arg))
  }, 0)
}

function blame(expression: Call, called: LanguageFunction, failure: Failure): Diagnostic {
  const { name } = expression
  if (failure.argument === undefined) {
    return errorAt(
      startRange(expression),
      'Error in function call',
      `Call to function "${name}" failed: ${failure.failure}`,
    )
  }
  const blamed = expression.args[failure.argument] ?? expression.args.at(-1) ?? expression
  const argument = parameterAt(called, failure.argument).name
  return errorAt(
    startRange(blamed),
    'Invalid function argument',
    `Invalid value for "${argument}" of function "${name}": ${failure.failure}`,
  )
}
