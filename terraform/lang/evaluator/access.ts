// Accesses attributes and elements of values. Error messages list the available names.

import { counted } from '../../../lib/counted.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import { convert, failed } from '../../values/convert.ts'
import { formatNum, isWhole, numToJs } from '../../values/number.ts'
import { dynamicType, numberType, stringType, type Type } from '../../values/type.ts'
import { isFromStub, objectFrom, unknown, unknownStub, type Value, withMarks } from '../../values/value.ts'

export interface AccessFailure {
  readonly summary: string
  readonly problem: string
}

export function getAttribute(value: Value, name: string): Value | AccessFailure {
  switch (value.kind) {
    case 'object': {
      const entry = value.entries.get(name)
      if (entry) return withMarks(entry, value.marks)
      const detail = `This object has no attribute "${name}".${didYouMean(name, value.entries.keys())}`
      return { summary: 'Unsupported attribute', problem: detail }
    }
    case 'map': {
      const entry = getMapElement(value.entries, value.marks, name)
      return 'problem' in entry ? { ...entry, summary: 'Missing map element' } : entry
    }
    case 'unknown':
      return unknownAttribute(value.type, name, value.marks)
    case 'null':
      return {
        summary: 'Attempt to get attribute from null value',
        problem: `The value is null, so it has no attribute "${name}".`,
      }
    default:
      return isFromStub(value) ? unknownStub() : noAttributes(value.kind, name)
  }
}

function noAttributes(kind: Type['kind'], name: string): AccessFailure {
  const isSequence = kind === 'list' || kind === 'set' || kind === 'tuple'
  return {
    summary: 'Unsupported attribute',
    problem: isSequence
      ? `This is a ${kind} of objects, without attributes of its own. For one of them write [0].${name}, for all of them [*].${name}.`
      : `A ${kind} has no attributes, so there is no "${name}".`,
  }
}

function getMapElement(entries: ReadonlyMap<string, Value>, marks: number, key: string): Value | AccessFailure {
  const entry = entries.get(key)
  if (entry) return withMarks(entry, marks)
  return {
    summary: 'Invalid index',
    problem: `The map has no element with the key ${JSON.stringify(key)}.${didYouMean(key, entries.keys())}`,
  }
}

function unknownAttribute(type: Type, name: string, marks: number): Value | AccessFailure {
  if (type.kind === 'object') {
    const attribute = type.attributes.get(name)
    if (attribute) return withMarks(unknown(attribute), marks)
    const detail = `This object has no attribute "${name}".${didYouMean(name, type.attributes.keys())}`
    return { summary: 'Unsupported attribute', problem: detail }
  }
  if (type.kind !== 'map' && type.kind !== 'dynamic') return noAttributes(type.kind, name)
  return withMarks(unknown(type.kind === 'map' ? type.element : dynamicType), marks)
}

export function getIndex(collection: Value, key: Value): Value | AccessFailure {
  const marks = collection.marks | key.marks
  if (collection.kind === 'null') {
    return { summary: 'Attempt to index null value', problem: 'The value is null, so it has no elements.' }
  }
  if (key.kind === 'null') return { summary: 'Invalid index', problem: 'The index is null.' }
  // A value of unknown type may become a valid key; it determines nothing about the result.
  if (key.kind === 'unknown' && key.type.kind === 'dynamic') return withMarks(unknown(), collection.marks)
  switch (collection.kind) {
    case 'list':
    case 'tuple': {
      const type = collection.kind === 'list' ? collection.elementType : dynamicType
      return getElement(collection.elements, key, marks, withMarks(unknown(type), collection.marks))
    }
    case 'map':
    case 'object': {
      const name = convert(key, stringType)
      if (failed(name))
        return {
          summary: 'Invalid index',
          problem: `The key of ${collection.kind === 'map' ? 'a map' : 'an object'} is a string.`,
        }
      if (name.kind !== 'string') {
        const type = collection.kind === 'map' ? collection.elementType : dynamicType
        return withMarks(unknown(type), collection.marks)
      }
      const result =
        collection.kind === 'map'
          ? getMapElement(collection.entries, marks, name.value)
          : getAttribute(collection, name.value)
      return 'problem' in result ? { ...result, summary: 'Invalid index' } : withMarks(result, marks)
    }
    case 'unknown':
      return unknownElement(collection.type, key, marks)
    default:
      return isFromStub(collection) ? unknownStub() : noElements(collection.kind)
  }
}

function noElements(kind: Type['kind']): AccessFailure {
  const problem =
    kind === 'set'
      ? 'Elements of a set have no order and no keys. Use tolist, or a for expression.'
      : `A ${kind} has no elements.`
  return { summary: 'Invalid index', problem }
}

/** For an unknown collection, its type determines the element type. */
function unknownElement(type: Type, key: Value, marks: number): Value | AccessFailure {
  switch (type.kind) {
    case 'dynamic':
      return withMarks(unknown(), marks)
    case 'list':
    case 'map': {
      const isFit = !failed(convert(key, type.kind === 'list' ? numberType : stringType))
      const wanted = type.kind === 'list' ? 'The index of a list is a number.' : 'The key of a map is a string.'
      return isFit ? withMarks(unknown(type.element), marks) : { summary: 'Invalid index', problem: wanted }
    }
    case 'tuple':
      return getElement(type.elements.map(unknown), key, marks, withMarks(unknown(), marks))
    case 'object':
      return getIndex(
        objectFrom(
          Object.fromEntries([...type.attributes].map(([name, attributeType]) => [name, unknown(attributeType)])),
        ),
        key,
      )
    default:
      return noElements(type.kind)
  }
}

function getElement(elements: readonly Value[], key: Value, marks: number, whenUnknown: Value): Value | AccessFailure {
  const index = convert(key, numberType)
  if (failed(index)) return { summary: 'Invalid index', problem: 'The index of a list is a number.' }
  if (index.kind !== 'number') return whenUnknown
  const position = numToJs(index.value)
  const element = elements[position]
  if (isWhole(index.value) && position >= 0 && element) return withMarks(element, marks)
  const held = elements.length === 0 ? 'it is empty' : `it has ${counted(elements.length, 'element')}, counted from 0`
  return { summary: 'Invalid index', problem: `The list has no element ${formatNum(index.value)}: ${held}.` }
}
