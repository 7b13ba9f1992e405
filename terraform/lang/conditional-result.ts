// Of what type the result of a conditional is, and what is known of it while it is not decided.

import { eitherOf, refine, refinementOf } from '../values/refinement.ts'
import { dynamicType, type Type, typesEqual } from '../values/type.ts'
import { unify } from '../values/unify.ts'
import { nullOf, typeOf, unknown, type Value } from '../values/value.ts'

/** What is known of a result while it is not known yet which of the two it will be. */
export function undecided(then: Value, otherwise: Value, type: Type): Value {
  if (then.kind === 'null' && otherwise.kind === 'null') return nullOf(type)
  const known = eitherOf(refinementOf(then), refinementOf(otherwise))
  const isSame = type.kind === 'number' || 'element' in type ? typesEqual(typeOf(then), typeOf(otherwise)) : false
  return refine(unknown(type), isSame ? known : known.isNotNull ? { isNotNull: true } : {})
}

export function sharedResultType(then: Value, otherwise: Value): Type | undefined {
  const types = [then, otherwise].filter((value) => !isUntypedNull(value)).map(typeOf)
  if (types.some((type) => type.kind === 'dynamic')) return dynamicType
  return types.length === 0 ? dynamicType : unify(types)
}

const isUntypedNull = (value: Value) => value.kind === 'null' && value.type.kind === 'dynamic'
