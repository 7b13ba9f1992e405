// Function calls: looks up the function; counts, converts and checks the arguments for null and
// unknown values; and transfers their marks to the result.

import { type CalledFunction, type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Range } from '../../diagnostics/source.ts'
import type { Call } from '../../hcl/ast.ts'
import { startRange } from '../../hcl/start-range.ts'
import { convert, failed } from '../../values/convert.ts'
import { refineNotNull } from '../../values/refinement.ts'
import { boolType, dynamicType, type Type, typeToJson } from '../../values/type.ts'
import {
  deepMarks,
  isFromStub,
  isFullyKnown,
  typeOf,
  unknown,
  unknownIfStub,
  unknownStub,
  type Value,
  withMarks,
  withoutMarks,
} from '../../values/value.ts'
import {
  type Failure,
  type FunctionEnvironment,
  type FunctionTable,
  isFailure,
  type LanguageFunction,
  type Parameter,
} from '../function.ts'
import { WorkLimitError } from '../regexp/regexp.ts'

export interface Called {
  readonly value: Value
  readonly diagnostics: readonly Diagnostic[]
}

/** Returns the called function, or an error. */
export function findFunction(
  expression: Call,
  table: FunctionTable,
  environment: FunctionEnvironment,
): LanguageFunction | Diagnostic {
  // The `core::` namespace aliases every built-in function.
  const name = expression.name.replace(/^core::/, '')
  const isProviderFunction = name.startsWith('provider::')
  const builtIn = Object.hasOwn(table, name) ? table[name] : undefined
  const called = builtIn ?? (isProviderFunction ? environment.providerFunction?.(name) : undefined)
  return called ?? errorAt(expression.nameRange, ...unknownFunction(name, table, called))
}

/** Converts each argument to its parameter's type; reports all that do not convert. */
export function convertArguments(
  expression: Call,
  called: LanguageFunction,
  args: readonly Value[],
): { readonly args: readonly Value[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const converted = args.map((arg, index) => {
    const result = convert(arg, parameterAt(called, index).type)
    if (!failed(result)) return result
    if (isFromStub(arg)) return unknownStub(parameterAt(called, index).type)
    diagnostics.push(failureDiagnostic(expression, called, { failure: `${result.problem}.`, argument: index }))
    return unknown()
  })
  return { args: converted, diagnostics }
}

/** `args` are counted and converted. */
export function callFunction(
  expression: Call,
  called: LanguageFunction,
  args: readonly Value[],
  environment: FunctionEnvironment,
): Called {
  if (called.isUncacheable) environment.markUncacheable()
  const prepared = prepareArguments(called, args)
  // An unmatched string may still be a valid argument.
  const isOpen = (arg: Value, index: number) =>
    parameterAt(called, index).type.kind === 'dynamic' && unknownIfStub(arg) !== arg
  const reject = (failure: Failure): Called =>
    args.some(isOpen)
      ? { value: unknownStub(), diagnostics: [] }
      : failedWith(failureDiagnostic(expression, called, failure))
  if (isFailed(prepared)) return reject(prepared)
  const result =
    typeof prepared === 'string' ? unknownResult(called, args, prepared) : invoke(called, prepared, environment)
  if (isFailure(result)) return reject(result)
  const value = called.mayReturnNull ? result : refineNotNull(result)
  return { value: withMarks(value, resultMarks(called, args)), diagnostics: [] }
}

/** Summary and detail. */
function unknownFunction(name: string, table: FunctionTable, called: null | undefined): [string, string] {
  if (called === null) return ['Function not found in provider', `The provider has no function ${name}.`]
  const [word, provider] = name.split('::')
  if (word === 'provider') {
    const detail = `The module does not declare the provider "${provider}" in its required_providers, so there is no function ${name}.`
    return ['Unknown function provider', detail]
  }
  const hint = didYouMean(name, [...Object.keys(table), 'try', 'can'])
  return ['Call to unknown function', `There is no function named "${name}".${hint}`]
}

/** The result type depends on the argument types. */
const decidesType = ({ type, mayBeUnknown, mayBeNull }: Parameter) =>
  type.kind === 'dynamic' && mayBeUnknown !== 'anywhere' && mayBeNull !== true

/** Functions implemented by the evaluator, because they handle argument errors. */
const specialFunctions: Readonly<Record<string, Pick<LanguageFunction, 'parameters' | 'variadic' | 'returns'>>> = {
  try: { parameters: [], variadic: { name: 'expressions', type: dynamicType }, returns: dynamicType },
  can: { parameters: [{ name: 'expression', type: dynamicType, mayBeUnknown: 'anywhere' }], returns: boolType },
}

/** The call in the JSON output of a diagnostic. */
export function calledFunction(name: string, table: FunctionTable): CalledFunction {
  const base = name.slice(name.lastIndexOf(':') + 1)
  const called = Object.hasOwn(table, base) ? table[base] : specialFunctions[base]
  const inJson = ({ name, type }: Parameter) => ({ name, type: typeToJson(type) })
  const signature = called && {
    name: base,
    params: called.parameters.map(inJson),
    variadicParam: called.variadic && inJson(called.variadic),
    returnType: typeToJson(called.parameters.some(decidesType) ? dynamicType : called.returns),
  }
  return { calledAs: name, signature }
}

function unknownResult(
  called: LanguageFunction,
  args: readonly Value[],
  reason: 'unknown' | 'untyped',
): Value | Failure {
  if (reason === 'untyped') return unknown()
  const type = called.returnsFor?.(args) ?? called.returns
  return isFailure(type) ? type : unknown(type)
}

const failedWith = (diagnostic: Diagnostic): Called => ({ value: unknown(), diagnostics: [diagnostic] })

function invoke(called: LanguageFunction, args: readonly Value[], environment: FunctionEnvironment): Value | Failure {
  try {
    return called.call(args, environment)
  } catch (error) {
    // The runtime's size limit for strings or arrays; any other exception is a bug.
    if (error instanceof RangeError) return { failure: 'the result is too large.' }
    if (error instanceof WorkLimitError) return { failure: `${error.message}.` }
    throw error
  }
}

export function checkCount(expression: Call, called: LanguageFunction, count: number): Diagnostic | undefined {
  const { name, range } = expression
  const wanted = called.parameters.length
  const plural = wanted === 1 ? 'argument' : 'arguments'
  if (count < wanted) {
    const missing = called.parameters[count]?.name
    const detail = `Function "${name}" expects ${called.variadic ? 'at least ' : ''}${wanted} ${plural}; "${missing}" is missing.`
    return errorAt({ ...range, start: range.end - 1 }, 'Not enough function arguments', detail)
  }
  if (count <= wanted || called.variadic) return undefined
  return errorAt(
    rangeOfArgument(expression, wanted),
    'Too many function arguments',
    `Function "${name}" expects only ${wanted} ${plural}.`,
  )
}

const parameterAt = (called: LanguageFunction, index: number) =>
  (called.parameters[index] ?? called.variadic) as Parameter

const isFailed = (prepared: Value[] | 'unknown' | 'untyped' | Failure): prepared is Failure =>
  typeof prepared === 'object' && 'failure' in prepared

function prepareArguments(called: LanguageFunction, args: readonly Value[]): Value[] | 'unknown' | 'untyped' | Failure {
  const prepared = called.handlesMarks ? [...args] : args.map(withoutMarks)
  for (const [index, value] of prepared.entries()) {
    const parameter = parameterAt(called, index)
    if (value.kind === 'null' && !parameter.mayBeNull) return { failure: 'it must not be null.', argument: index }
    const isUntyped = value.kind === 'unknown' && value.type.kind === 'dynamic'
    if (isUntyped && !parameter.mayBeUntyped && !accepts(parameter, value)) return 'untyped'
  }
  if (prepared.every((value, index) => accepts(parameterAt(called, index), value))) return prepared
  const mismatch = prepared.findIndex((value, index) => !hasKind(typeOf(value), parameterAt(called, index)))
  return mismatch === -1 ? 'unknown' : { failure: 'it cannot be converted to the required type.', argument: mismatch }
}

const hasKind = ({ kind }: Type, { kinds }: Parameter): boolean =>
  kinds === undefined || kind === 'dynamic' || kinds.includes(kind)

function accepts(parameter: Parameter, value: Value): boolean {
  if (parameter.mayBeUnknown === 'anywhere') return true
  return parameter.mayBeUnknown === 'inside' ? value.kind !== 'unknown' : isFullyKnown(value)
}

function resultMarks(called: LanguageFunction, args: readonly Value[]): number {
  if (called.handlesMarks) return 0
  return args.reduce((marks, arg, index) => {
    const { mayBeUnknown, marksWhole } = parameterAt(called, index)
    return marks | (mayBeUnknown && !marksWhole ? arg.marks : deepMarks(arg))
  }, 0)
}

function failureDiagnostic(expression: Call, called: LanguageFunction, failure: Failure): Diagnostic {
  const { name } = expression
  if (failure.argument === undefined) {
    return errorAt(
      startRange(expression),
      'Error in function call',
      `Call to function "${name}" failed: ${failure.failure}`,
    )
  }
  const argument = parameterAt(called, failure.argument).name
  return errorAt(
    rangeOfArgument(expression, failure.argument),
    'Invalid function argument',
    `Invalid value for "${argument}" of function "${name}": ${failure.failure}`,
  )
}

/** The range for an argument's error; an expanded argument is reported as a whole. */
function rangeOfArgument({ args, expandsLast, range }: Call, index: number): Range {
  const last = args.length - 1
  const argument = args[Math.min(index, last)]
  if (!argument) return range
  return expandsLast && index >= last ? argument.range : startRange(argument)
}
