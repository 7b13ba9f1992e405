// The data structures of types and values. They are mutually recursive, since object types have default
// values; operations are in type.ts and value.ts.

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
  /** Optional attributes with their defaults; undefined means null. */
  readonly optional?: ReadonlyMap<string, Value | undefined>
}

interface Marked {
  /** The marks of this value, without those of nested values. */
  readonly marks: number
}

/** A precomputed summary of a collection, so that queries take constant time regardless of
 *  depth and shared parts. */
export interface Content {
  readonly isKnown: boolean
  readonly innerMarks: number
  /** The number of values when written out. */
  readonly size: number
}

/** The refinement of an unknown value. */
export interface Refinement {
  /** The value will not be null. */
  readonly isNotNull?: true
  /** The prefix of a string. */
  readonly prefix?: string
  /** The bounds of a number. */
  readonly min?: Bound
  readonly max?: Bound
  /** The bounds of a collection's length. */
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
