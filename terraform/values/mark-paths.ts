// Marks by path: the marked parts of a value in the form of the state, and the transfer of marks
// between values of the same shape.

import { deepMarks, list, map, object, sensitiveMark, tuple, type Value, withMarks } from './value.ts'

interface AttributeStep {
  readonly type: 'get_attr'
  readonly value: string
}

interface IndexStep {
  readonly type: 'index'
  readonly value: { readonly value: string | number; readonly type: 'string' | 'number' }
}

/** A path in the format of Terraform's state. */
export type MarkPath = readonly (AttributeStep | IndexStep)[]

const attributeStep = (value: string): AttributeStep => ({ type: 'get_attr', value })
const indexStep = (value: string | number): IndexStep => ({
  type: 'index',
  value: { value, type: typeof value === 'number' ? 'number' : 'string' },
})

/** The outermost sensitive paths. */
export function sensitivePaths(value: Value, path: MarkPath = []): MarkPath[] {
  if ((deepMarks(value) & sensitiveMark) === 0) return []
  if ((value.marks & sensitiveMark) !== 0) return [path]
  if ('elements' in value)
    return value.elements.flatMap((inner, index) => sensitivePaths(inner, [...path, indexStep(index)]))
  if (!('entries' in value)) return []
  const step = value.kind === 'map' ? indexStep : attributeStep
  return [...value.entries].flatMap(([key, inner]) => sensitivePaths(inner, [...path, step(key)]))
}

/** Ignores invalid paths and paths without a value. */
export const markSensitive = (value: Value, paths: readonly unknown[]): Value =>
  paths.reduce<Value>((marked, path) => (Array.isArray(path) ? markAt(marked, path) : marked), value)

function markAt(value: Value, [step, ...rest]: readonly unknown[]): Value {
  if (step === undefined) return withMarks(value, sensitiveMark)
  const key = keyOf(step as Partial<AttributeStep | IndexStep>)
  if (key === undefined) return value
  return changeInside(value, (at, inner) => (at === key ? markAt(inner, rest) : inner))
}

function keyOf(step: Partial<AttributeStep | IndexStep>): string | number | undefined {
  const key: unknown = typeof step.value === 'object' ? step.value?.value : step.value
  return typeof key === 'string' || typeof key === 'number' ? key : undefined
}

/** Copies a value's marks to its result. Where the shapes differ, marks the whole part. */
export function copyValueMarks(from: Value, to: Value): Value {
  const deep = deepMarks(from)
  if (deep === 0) return to
  if (deep === from.marks || !isAlike(from, to)) return withMarks(to, deep)
  const inner = changeInside(to, (key, value) => {
    const source = partOf(from, key)
    return source ? copyValueMarks(source, value) : value
  })
  return withMarks(inner, from.marks)
}

function isAlike(from: Value, to: Value): boolean {
  if ('entries' in from) return 'entries' in to
  if (!('elements' in from) || !('elements' in to)) return false
  return from.kind !== 'set' && to.kind !== 'set' && from.elements.length === to.elements.length
}

function partOf(value: Value, key: string | number): Value | undefined {
  if ('entries' in value) return value.entries.get(String(key))
  return 'elements' in value ? value.elements[Number(key)] : undefined
}

/** Elements of a set have no stable keys, so marks inside a set are not changed. */
function changeInside(value: Value, change: (key: string | number, inner: Value) => Value): Value {
  const changed = mapInside(value, change)
  return changed === value ? value : withMarks(changed, value.marks)
}

function mapInside(value: Value, change: (key: string | number, inner: Value) => Value): Value {
  switch (value.kind) {
    case 'list':
      return list(
        value.elementType,
        value.elements.map((inner, index) => change(index, inner)),
      )
    case 'tuple':
      return tuple(value.elements.map((inner, index) => change(index, inner)))
    case 'map':
      return map(
        value.elementType,
        [...value.entries].map(([key, inner]) => [key, change(key, inner)] as const),
      )
    case 'object':
      return object([...value.entries].map(([key, inner]) => [key, change(key, inner)] as const))
    default:
      return value
  }
}

/** Whether two otherwise equal values have the same marked parts. */
export function marksEqual(a: Value, b: Value): boolean {
  if (a === b || (deepMarks(a) === 0 && deepMarks(b) === 0)) return true
  return JSON.stringify(sensitivePaths(a)) === JSON.stringify(sensitivePaths(b))
}
