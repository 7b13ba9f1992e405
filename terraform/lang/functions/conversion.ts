// Functions that change a value's type or its marks.

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
import { bool, isSensitive, sensitiveMark, typeOf, type Value, withMarks } from '../../values/value.ts'
import { type FunctionTable, fail, type LanguageFunction, type Parameter } from './function.ts'

const anything: Parameter = { name: 'value', type: dynamicType, mayBeNull: true, mayBeUnknown: 'anywhere' }

const to = (type: Type): LanguageFunction => ({
  parameters: [anything],
  returns: type,
  call: ([value]) => {
    const converted = convert(value as Value, type)
    if (!failed(converted)) return converted
    return fail(
      `cannot convert ${describeType(typeOf(value as Value))} to ${describeType(type)}: ${converted.problem}.`,
      0,
    )
  },
})

export const conversionFunctions: FunctionTable = {
  issensitive: {
    parameters: [anything],
    handlesMarks: true,
    returns: boolType,
    call: ([value]) => bool(isSensitive(value as Value)),
  },
  nonsensitive: {
    parameters: [anything],
    handlesMarks: true,
    returns: dynamicType,
    call: ([value]) => ({ ...(value as Value), marks: (value as Value).marks & ~sensitiveMark }),
  },
  sensitive: {
    parameters: [anything],
    handlesMarks: true,
    returns: dynamicType,
    call: ([value]) => withMarks(value as Value, sensitiveMark),
  },
  tobool: to(boolType),
  tolist: to(listType(dynamicType)),
  tomap: to(mapType(dynamicType)),
  tonumber: to(numberType),
  toset: to(setType(dynamicType)),
  tostring: to(stringType),
}
