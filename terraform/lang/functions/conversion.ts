// Functions that change a value's type or marks.

import { convert, failed } from '../../values/convert.ts'
import {
  boolType,
  describeType,
  dynamicType,
  listType,
  mapType,
  numberType,
  setType,
  stringType,
  type Type,
} from '../../values/type.ts'
import {
  bool,
  deepMarks,
  ephemeralMark,
  isSensitive,
  list,
  map,
  nullOf,
  object,
  sensitiveMark,
  set,
  tuple,
  typeOf,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import { anyValue, type FunctionTable, fail, type LanguageFunction } from '../function.ts'

/** The result is null for ephemeral values. */
function withoutEphemeral(value: Value): Value {
  if ((value.marks & ephemeralMark) !== 0) return withMarks(nullOf(typeOf(value)), value.marks & ~ephemeralMark)
  if ((deepMarks(value) & ephemeralMark) === 0) return value
  switch (value.kind) {
    case 'list':
      return withMarks(list(value.elementType, value.elements.map(withoutEphemeral)), value.marks)
    case 'set':
      return withMarks(set(value.elementType, value.elements.map(withoutEphemeral)), value.marks)
    case 'tuple':
      return withMarks(tuple(value.elements.map(withoutEphemeral)), value.marks)
    case 'map':
      return withMarks(map(value.elementType, withoutEphemeralEntries(value.entries)), value.marks)
    case 'object':
      return withMarks(object(withoutEphemeralEntries(value.entries)), value.marks)
    default:
      return value
  }
}

const withoutEphemeralEntries = (entries: ReadonlyMap<string, Value>) =>
  [...entries].map(([key, entry]) => [key, withoutEphemeral(entry)] as const)

const conversionTo = (type: Type): LanguageFunction => ({
  parameters: [anyValue('v')],
  returns: type,
  mayReturnNull: true,
  call: ([value]) => {
    const converted = convert(value as Value, type)
    // Terraform drops the refinement here.
    if (!failed(converted)) return converted.kind === 'unknown' ? unknown(converted.type) : converted
    return fail(
      `cannot convert ${describeType(typeOf(value as Value))} to ${describeType(type)}: ${converted.problem}.`,
      0,
    )
  },
})

export const conversionFunctions: FunctionTable = {
  ephemeralasnull: {
    parameters: [anyValue('value')],
    handlesMarks: true,
    returns: dynamicType,
    mayReturnNull: true,
    call: ([value]) => withoutEphemeral(value as Value),
  },
  issensitive: {
    parameters: [anyValue('value')],
    handlesMarks: true,
    returns: boolType,
    call: ([value]) => {
      const argument = value as Value
      // The later value may be sensitive.
      return isSensitive(argument) || argument.kind !== 'unknown' ? bool(isSensitive(argument)) : unknown(boolType)
    },
  },
  nonsensitive: {
    parameters: [anyValue('value')],
    handlesMarks: true,
    returns: dynamicType,
    mayReturnNull: true,
    call: ([value]) => ({ ...(value as Value), marks: (value as Value).marks & ~sensitiveMark }),
  },
  sensitive: {
    parameters: [anyValue('value')],
    handlesMarks: true,
    returns: dynamicType,
    mayReturnNull: true,
    call: ([value]) => withMarks(value as Value, sensitiveMark),
  },
  tobool: conversionTo(boolType),
  tolist: conversionTo(listType(dynamicType)),
  tomap: conversionTo(mapType(dynamicType)),
  tonumber: conversionTo(numberType),
  toset: conversionTo(setType(dynamicType)),
  tostring: conversionTo(stringType),
}
