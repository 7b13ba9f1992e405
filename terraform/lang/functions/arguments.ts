// Helpers that read function arguments, whose types are already checked.

import { convert, failed } from '../../values/convert.ts'
import { type Num, numToJs, zero } from '../../values/number.ts'
import { describeType, type Type } from '../../values/type.ts'
import { type ListValue, nullOf, type TupleValue, typeOf, type Value, valuesEqual } from '../../values/value.ts'
import { type Failure, type FunctionEnvironment, fail } from '../function.ts'
import type { Spend } from '../regexp/program.ts'
import { WorkLimitError } from '../regexp/regexp.ts'

export const isSequence = (value: Value | undefined): value is ListValue | TupleValue =>
  value?.kind === 'list' || value?.kind === 'set' || value?.kind === 'tuple'

export const elementsOf = (value: Value | undefined): readonly Value[] => (isSequence(value) ? value.elements : [])

export const isMapping = (value: Value | undefined) => value?.kind === 'map' || value?.kind === 'object'

export const entriesOf = (value: Value | undefined): ReadonlyMap<string, Value> =>
  value?.kind === 'map' || value?.kind === 'object' ? value.entries : new Map()

export const textOf = (value: Value | undefined): string => (value?.kind === 'string' ? value.value : '')

export const numberOf = (value: Value | undefined): number => (value?.kind === 'number' ? numToJs(value.value) : 0)

export const numOf = (value: Value | undefined): Num => (value?.kind === 'number' ? value.value : zero)

/** Returns values that do not convert unchanged. */
export const convertEach = (elements: readonly Value[], type: Type) =>
  elements.map((element) => {
    const converted = convert(element, type)
    return failed(converted) ? element : converted
  })

export const containsValue = (container: Value, wanted: Value) =>
  elementsOf(container).some((element) => valuesEqual(element, wanted))

/** Whether the value has one of the kinds, or an unknown type. */
export const isOneOf = (value: Value | undefined, kinds: readonly Type['kind'][]): boolean =>
  value !== undefined && [...kinds, 'dynamic'].includes(typeOf(value).kind)

export const sequenceRequired = (value: Value | undefined, index = 0): Failure =>
  fail(`a list, set or tuple is required, not ${describeType(typeOf(value ?? nullOf()))}.`, index)

export const mappingRequired = (value: Value | undefined, index = 0): Failure =>
  fail(`a map or object is required, not ${describeType(typeOf(value ?? nullOf()))}.`, index)

/** Charges the work of a regular expression to the plan's budget. */
export const workLimit =
  ({ spend }: FunctionEnvironment): Spend =>
  () => {
    if (!spend(1)) throw new WorkLimitError('the pattern takes too long on this text')
  }
