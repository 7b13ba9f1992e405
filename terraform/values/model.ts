// The shapes of types and values. They refer to each other, since the type of an object knows the defaults of its
// attributes; what can be done with them is in type.ts and value.ts.

import type { Num } from './number.ts'

export type Type =
  | { readonly kind: 'dynamic' | 'string' | 'number' | 'bool' }
  | SequenceType
  | { readonly kind: 'map'; readonly element: Type }
  | { readonly kind: 'tuple'; readonly elements: readonly Type[] }
  | ObjectType

export interface SequenceType {
  readonly kind: 'list' | 'set'
  readonly element: Type
}

export interface ObjectType {
  readonly kind: 'object'
  readonly attributes: ReadonlyMap<string, Type>
  /** Attributes that a value may leave out, each with what it then becomes; undefined means null. */
  readonly optional?: ReadonlyMap<string, Value | undefined>
}

interface Marked {
  /** Of this value itself; those of values inside are theirs. */
  readonly marks: number
}

/** What is asked of collections again and again, summed up when they are made, so that asking costs nothing however
 *  deep a value is or however often its parts are shared. */
export interface Content {
  readonly isKnown: boolean
  readonly innerMarks: number
  /** How many values it would take to write it out. */
  readonly size: number
}

/** What is known already of a value that is not known yet. */
export interface Refinement {
  /** Whatever it will be, it will not be null. */
  readonly isNotNull?: true
  /** How a string begins. */
  readonly prefix?: string
  /** Between what a number lies. */
  readonly min?: Bound
  readonly max?: Bound
  /** How many elements a list, set or map has. */
  readonly minLength?: number
  readonly maxLength?: number
}

export interface Bound {
  readonly value: Num
  readonly isIncluded: boolean
}

export interface UnknownValue extends Marked, Refinement {
  readonly kind: 'unknown'
  readonly type: Type
}
export interface NullValue extends Marked {
  readonly kind: 'null'
  readonly type: Type
}
export interface StringValue extends Marked {
  readonly kind: 'string'
  readonly value: string
}
export interface NumberValue extends Marked {
  readonly kind: 'number'
  readonly value: Num
}
export interface BoolValue extends Marked {
  readonly kind: 'bool'
  readonly value: boolean
}
export interface ListValue extends Marked, Content {
  readonly kind: 'list' | 'set'
  readonly elementType: Type
  readonly elements: readonly Value[]
}
export interface TupleValue extends Marked, Content {
  readonly kind: 'tuple'
  readonly elements: readonly Value[]
}
export interface MapValue extends Marked, Content {
  readonly kind: 'map'
  readonly elementType: Type
  readonly entries: ReadonlyMap<string, Value>
}
export interface ObjectValue extends Marked, Content {
  readonly kind: 'object'
  readonly entries: ReadonlyMap<string, Value>
}

export type Value =
  | UnknownValue
  | NullValue
  | StringValue
  | NumberValue
  | BoolValue
  | ListValue
  | TupleValue
  | MapValue
  | ObjectValue
