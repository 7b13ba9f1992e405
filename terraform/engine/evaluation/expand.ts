// Expands a resource or module call into instances: `count`, `for_each`, `enabled`, or a single one. If that depends on a
// missing module or provider, one placeholder represents all instances.

import type { InstanceKey } from '../../addresses.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate, evaluateTo } from '../../lang/evaluator/evaluate.ts'
import type { Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { isWhole, numToJs } from '../../values/number.ts'
import { boolType, describeType, numberType, type Type } from '../../values/type.ts'
import {
  ephemeralMark,
  isFromStub,
  isFullyKnown,
  isSensitive,
  typeOf,
  unknownIfStub,
  unknownStub,
  type Value,
} from '../../values/value.ts'
import type { InstanceNames, Repetition } from './instance-names.ts'

export interface Expansion {
  readonly repetition: Repetition
  readonly instances: readonly InstanceNames[]
}

export interface RepetitionArguments {
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  readonly enabled: Expression | undefined
}

// More instances of one block than any workspace needs: a larger number is a mistake.
const maxInstances = 10_000

export function expand(block: RepetitionArguments, scope: Scope): Expansion | readonly Diagnostic[] {
  if (block.count) return expandCount(block.count, scope)
  if (block.forEach) return expandForEach(block.forEach, scope)
  return block.enabled ? expandEnabled(block.enabled, scope) : { repetition: 'single', instances: [{}] }
}

function expandEnabled(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value: evaluated, diagnostics } = evaluate(expression, scope)
  if (diagnostics.length > 0) return diagnostics
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid enabled argument', detail)]
  const value = convert(evaluated, boolType)
  if (failed(value)) return problem('The value of "enabled" must be true or false.')
  if (isEphemeral(value)) return problem(ephemeralDetail('enabled'))
  if (value.kind === 'unknown' && isFromStub(value)) return { repetition: 'single', instances: [{}] }
  if (value.kind === 'unknown') return problem(unknownDetail('enabled'))
  if (value.kind !== 'bool') return problem('The value of "enabled" is null. true or false is required.')
  if (isSensitive(value))
    return problem('The value of "enabled" is sensitive, but the plan shows whether the instance exists.')
  return { repetition: 'single', instances: value.value ? [{}] : [] }
}

/** Checks the arguments of a block whose values may still be unknown: their types, marks and known values. */
export function checkRepetitionArguments(block: RepetitionArguments, scope: Scope): readonly Diagnostic[] {
  const expression = block.count ?? block.forEach ?? block.enabled
  if (!expression) return []
  if (!block.forEach || block.count) {
    const type = block.count ? numberType : boolType
    const { value, diagnostics } = evaluateTo(expression, type, scope, block.count ? '"count"' : '"enabled"')
    if (diagnostics.length > 0) return diagnostics
    if (value.kind === 'unknown' && !isEphemeral(value)) return []
  } else {
    const { value, diagnostics } = evaluate(expression, scope)
    if (diagnostics.length > 0) return diagnostics
    const hasValidMarks = !isEphemeral(value) && !isSensitive(value)
    if (hasValidMarks && !isFullyKnown(value) && mayHaveKeys(typeOf(value))) return []
  }
  const expansion = expand(block, scope)
  return isExpansion(expansion) ? [] : expansion
}

/** Whether values of the type can be used in `for_each`: maps, objects and sets of strings. */
const mayHaveKeys = (type: Type): boolean =>
  type.kind === 'set'
    ? type.element.kind === 'string' || type.element.kind === 'dynamic'
    : type.kind === 'map' || type.kind === 'object' || type.kind === 'dynamic'

export const isExpansion = (result: Expansion | readonly Diagnostic[]): result is Expansion => 'repetition' in result

function expandCount(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value, diagnostics } = evaluateTo(expression, numberType, scope, '"count"')
  if (diagnostics.length > 0) return diagnostics
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid count argument', detail)]
  if (isEphemeral(value)) return problem(ephemeralDetail('count'))
  if (value.kind === 'null') return problem('The value of "count" is null. A non-negative whole number is required.')
  if (value.kind !== 'number' && isFromStub(value))
    return { repetition: 'count', instances: [{ placeholderFor: 'count' }] }
  if (value.kind !== 'number') return problem(unknownDetail('count'))
  const count = numToJs(value.value)
  if (!isWhole(value.value) || count < 0)
    return problem(`The value of "count" is ${count}. A non-negative whole number is required.`)
  if (count > maxInstances)
    return problem(`The value of "count" is ${count}; at most ${maxInstances} instances are allowed.`)
  return { repetition: 'count', instances: Array.from({ length: count }, (_, key) => ({ key })) }
}

const isEphemeral = (value: Value) => (value.marks & ephemeralMark) !== 0

const ephemeralDetail = (name: string) => `The value of "${name}" is ephemeral, but the state stores the instances.`

const unknownDetail = (name: string) =>
  `The value of "${name}" depends on values that are known only after apply, so the instances cannot be planned. Use variables, parameters or data sources instead.`

function expandForEach(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value: evaluated, diagnostics } = evaluate(expression, scope)
  if (diagnostics.length > 0) return diagnostics
  const value = unknownIfStub(evaluated)
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid for_each argument', detail)]
  if (isEphemeral(value)) return problem(ephemeralDetail('for_each'))
  if (isSensitive(value)) return problem('The value of "for_each" is sensitive, but its keys are shown in addresses.')
  const pairs = pairsOf(value)
  const isPlaceholder = !isFullyKnown(value) && typeof pairs === 'string' && isFromStub(value)
  if (isPlaceholder) return { repetition: 'for_each', instances: [{ placeholderFor: 'for_each', each: unknownStub() }] }
  if (typeof pairs === 'string') return problem(pairs)
  if (pairs.length > maxInstances)
    return problem(`"for_each" has ${pairs.length} elements; at most ${maxInstances} instances are allowed.`)
  return { repetition: 'for_each', instances: pairs.map(([key, each]) => ({ key, each })) }
}

/** The keys and elements of a `for_each` value, or the reason why it is invalid. */
export function pairsOf(value: Value): readonly (readonly [InstanceKey, Value])[] | string {
  if (value.kind === 'map' || value.kind === 'object') return [...value.entries]
  if (value.kind === 'unknown' && mayHaveKeys(value.type)) return unknownDetail('for_each')
  if (value.kind === 'set') {
    if (!isFullyKnown(value)) return unknownDetail('for_each')
    const texts = value.elements.flatMap((element) =>
      element.kind === 'string' ? [[element.value, element] as const] : [],
    )
    return texts.length === value.elements.length
      ? texts
      : 'A set in "for_each" must contain only strings, and no null.'
  }
  const type = typeOf(value)
  const hint = type.kind === 'tuple' || type.kind === 'list' ? ' Use toset(…) on the list.' : ''
  return `A map or a set of strings is required, not ${value.kind === 'null' ? 'null' : describeType(type)}.${hint}`
}
