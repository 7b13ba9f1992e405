// How many instances a resource or a module has: `count`, `for_each`, or one. Where that depends on what is not here, one
// stands for all of them.

import type { InstanceKey } from '../../addresses.ts'
import { type Diagnostic, errorAt } from '../../diagnostics.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate, evaluateTo } from '../../lang/evaluate.ts'
import type { Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { isWhole, numToJs } from '../../values/number.ts'
import { boolType, describeType, numberType } from '../../values/type.ts'
import {
  absent,
  asOpen,
  ephemeralMark,
  isOfAbsent,
  isSensitive,
  isWhollyKnown,
  typeOf,
  type Value,
} from '../../values/value.ts'
import type { InstanceNames, Repetition } from './evaluation.ts'

export interface Expansion {
  readonly repetition: Repetition
  readonly instances: readonly InstanceNames[]
}

export interface RepetitionArguments {
  readonly count: Expression | undefined
  readonly forEach: Expression | undefined
  readonly enabled: Expression | undefined
}

// A workspace is one person's: more objects of one block than this is a slip in a number.
const maxInstances = 10_000

/** Of a resource or a module call. */
export function expand(block: RepetitionArguments, scope: Scope): Expansion | readonly Diagnostic[] {
  if (block.count) return expandCount(block.count, scope)
  if (block.forEach) return expandForEach(block.forEach, scope)
  return block.enabled ? expandEnabled(block.enabled, scope) : { repetition: 'single', instances: [{}] }
}

function expandEnabled(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value: given, diagnostics } = evaluate(expression, scope)
  if (diagnostics.length > 0) return diagnostics
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid enabled argument', detail)]
  const value = convert(given, boolType)
  if (failed(value)) return problem('The value of "enabled" must be true or false.')
  if (isEphemeral(value)) return problem(ephemeralDetail('enabled'))
  if (value.kind === 'unknown' && isOfAbsent(value)) return { repetition: 'single', instances: [{}] }
  if (value.kind === 'unknown') return problem(unknownDetail('enabled'))
  if (value.kind !== 'bool') return problem('The value of "enabled" is null. true or false is required.')
  if (isSensitive(value))
    return problem('The value of "enabled" is sensitive, and whether there is an instance is shown.')
  return { repetition: 'single', instances: value.value ? [{}] : [] }
}

export const isExpansion = (result: Expansion | readonly Diagnostic[]): result is Expansion => 'repetition' in result

function expandCount(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value, diagnostics } = evaluateTo(expression, numberType, scope, '"count"')
  if (diagnostics.length > 0) return diagnostics
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid count argument', detail)]
  if (isEphemeral(value)) return problem(ephemeralDetail('count'))
  if (value.kind === 'null') return problem('The value of "count" is null. A whole number from 0 is required.')
  if (value.kind !== 'number' && isOfAbsent(value))
    return { repetition: 'count', instances: [{ placeholderFor: 'count' }] }
  if (value.kind !== 'number') return problem(unknownDetail('count'))
  const count = numToJs(value.value)
  if (!isWhole(value.value) || count < 0)
    return problem(`The value of "count" is ${count}. A whole number from 0 is required.`)
  if (count > maxInstances)
    return problem(`The value of "count" is ${count}; at most ${maxInstances} instances are allowed.`)
  return { repetition: 'count', instances: Array.from({ length: count }, (_, key) => ({ key })) }
}

const isEphemeral = (value: Value) => (value.marks & ephemeralMark) !== 0

const ephemeralDetail = (name: string) =>
  `The value of "${name}" is ephemeral, and how many instances there are is kept in the state.`

const unknownDetail = (name: string) =>
  `The value of "${name}" depends on what is only known after apply, so the number of instances can not be planned. Derive it from variables, parameters or data instead.`

function expandForEach(expression: Expression, scope: Scope): Expansion | readonly Diagnostic[] {
  const { value: given, diagnostics } = evaluate(expression, scope)
  if (diagnostics.length > 0) return diagnostics
  const value = asOpen(given)
  const problem = (detail: string) => [errorAt(expression.range, 'Invalid for_each argument', detail)]
  if (isEphemeral(value)) return problem(ephemeralDetail('for_each'))
  if (isSensitive(value))
    return problem('The value of "for_each" is sensitive, and its keys would be shown as part of addresses.')
  const pairs = pairsOf(value)
  const isOpen = !isWhollyKnown(value) && typeof pairs === 'string' && isOfAbsent(value)
  if (isOpen) return { repetition: 'for_each', instances: [{ placeholderFor: 'for_each', each: absent() }] }
  if (typeof pairs === 'string') return problem(pairs)
  if (pairs.length > maxInstances)
    return problem(`There are ${pairs.length} elements; at most ${maxInstances} instances are allowed.`)
  return { repetition: 'for_each', instances: pairs.map(([key, each]) => ({ key, each })) }
}

export function pairsOf(value: Value): readonly (readonly [InstanceKey, Value])[] | string {
  if (value.kind === 'map' || value.kind === 'object') return [...value.entries]
  if (value.kind === 'unknown') return unknownDetail('for_each')
  if (value.kind === 'set') {
    if (!isWhollyKnown(value)) return unknownDetail('for_each')
    const texts = value.elements.flatMap((element) =>
      element.kind === 'string' ? [[element.value, element] as const] : [],
    )
    return texts.length === value.elements.length
      ? texts
      : 'A set in "for_each" must hold strings only, and none of them null.'
  }
  const hint = value.kind === 'tuple' || value.kind === 'list' ? ' Use toset(…) on the list.' : ''
  return `A map or a set of strings is required, not ${value.kind === 'null' ? 'null' : describeType(typeOf(value))}.${hint}`
}
