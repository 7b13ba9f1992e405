// Parses type constraints of variables: `string`, `list(object({ a = optional(string, "x") }))`.

import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Call, Expression } from '../hcl/ast.ts'
import { convert, failed } from '../values/convert.ts'
import { dynamicType, type Type } from '../values/type.ts'
import type { Value } from '../values/value.ts'
import { type BodyReader, keywordOf } from './body-reader.ts'

const simpleTypes: Readonly<Record<string, Type>> = {
  string: { kind: 'string' },
  number: { kind: 'number' },
  bool: { kind: 'bool' },
  any: dynamicType,
  // Without an element type, these mean `any`, as in old templates.
  list: { kind: 'list', element: dynamicType },
  set: { kind: 'set', element: dynamicType },
  map: { kind: 'map', element: dynamicType },
}

const constructors = ['list', 'set', 'map', 'object', 'tuple', 'optional']

export function readType(expression: Expression, reader: BodyReader): Type {
  const word = keywordOf(expression)
  if (word !== undefined && expression.type !== 'variable') {
    const detail = `Remove the quotes: ${word}.`
    reader.error(expression.range, 'Invalid quoted type constraints', detail)
    return dynamicType
  }
  const simple = word !== undefined && Object.hasOwn(simpleTypes, word) ? simpleTypes[word] : undefined
  if (simple) return simple
  if (expression.type === 'parentheses') return readType(expression.inner, reader)
  if (expression.type === 'call') return readConstructed(expression, reader)
  if (expression.type !== 'invalid') {
    const detail = `The types are string, number, bool, any, and list, set, map, object and tuple of types.${didYouMean(word ?? '', Object.keys(simpleTypes))}`
    reader.error(expression.range, 'Invalid type specification', detail)
  }
  return dynamicType
}

function readConstructed(call: Call, reader: BodyReader): Type {
  const [argument] = call.args
  const reject = (detail: string, range = call.range): Type => {
    reader.error(range, 'Invalid type specification', detail)
    return dynamicType
  }
  if (call.name === 'optional')
    return reject('optional(…) is allowed only for attributes of an object.', call.nameRange)
  if (!constructors.includes(call.name))
    return reject(`There is no type constructor "${call.name}".${didYouMean(call.name, constructors)}`)
  if (!argument) return reject(`${call.name}(…) takes one argument here.`, parenthesesOf(call))
  if (call.args[1]) return reject(`${call.name}(…) takes one argument here.`, call.args[1].range)
  switch (call.name) {
    case 'list':
    case 'set':
      return { kind: call.name, element: readType(argument, reader) }
    case 'map':
      return { kind: 'map', element: readType(argument, reader) }
    case 'tuple':
      if (argument.type !== 'tuple') return reject('tuple(…) takes a list of types in brackets.', argument.range)
      return { kind: 'tuple', elements: argument.elements.map((element) => readType(element, reader)) }
    case 'object':
      if (argument.type !== 'object')
        return reject('object(…) takes attribute names and types in braces.', argument.range)
      return readObject(argument, reader)
    default:
      return dynamicType
  }
}

const parenthesesOf = ({ range, nameRange }: Call) => ({ ...range, start: nameRange.end })

function readObject(argument: Expression & { type: 'object' }, reader: BodyReader): Type {
  const attributes = new Map<string, Type>()
  const optional = new Map<string, Value | undefined>()
  for (const item of argument.items) {
    const name = keywordOf(item.key)
    if (name === undefined) {
      reader.error(item.key.range, 'Invalid type specification', 'The name of an attribute must be an identifier.')
      continue
    }
    const isOptional = item.value.type === 'call' && item.value.name === 'optional'
    const type = isOptional ? readOptional(item.value as Call, name, optional, reader) : readType(item.value, reader)
    attributes.set(name, type)
  }
  return { kind: 'object', attributes, ...(optional.size > 0 && { optional }) }
}

function readOptional(call: Call, name: string, optional: Map<string, Value | undefined>, reader: BodyReader): Type {
  const [typeArgument, defaultArgument] = call.args
  if (!typeArgument || call.args.length > 2) {
    reader.error(
      parenthesesOf(call),
      'Invalid type specification',
      'optional(…) takes a type and an optional default value.',
    )
    return dynamicType
  }
  const type = readType(typeArgument, reader)
  optional.set(name, defaultArgument && readDefault(defaultArgument, type, reader))
  return type
}

function readDefault(expression: Expression, type: Type, reader: BodyReader): Value | undefined {
  const converted = convert(reader.constantOf(expression), type)
  if (!failed(converted)) return converted
  reader.error(
    expression.range,
    'Invalid default value for optional attribute',
    `The default does not fit the attribute's type: ${converted.problem}.`,
  )
  return undefined
}
