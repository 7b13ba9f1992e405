// The types of Terraform's language. Types are plain immutable data; conversion between them is in convert.ts.

import type { ObjectType, SequenceType, Type } from './model.ts'

export type { ObjectType, SequenceType, Type }

export const stringType: Type = { kind: 'string' }
export const numberType: Type = { kind: 'number' }
export const boolType: Type = { kind: 'bool' }
/** Unknown type, or `any`. */
export const dynamicType: Type = { kind: 'dynamic' }

export const listType = (element: Type): Type => ({ kind: 'list', element })
export const setType = (element: Type): Type => ({ kind: 'set', element })
export const mapType = (element: Type): Type => ({ kind: 'map', element })
export const tupleType = (elements: readonly Type[]): Type => ({ kind: 'tuple', elements })
export const objectType = (attributes: Record<string, Type> | ReadonlyMap<string, Type>): ObjectType => ({
  kind: 'object',
  attributes: attributes instanceof Map ? attributes : new Map(Object.entries(attributes)),
})

export function typesEqual(a: Type, b: Type): boolean {
  if (a === b) return true
  switch (a.kind) {
    case 'list':
    case 'set':
    case 'map':
      return a.kind === b.kind && typesEqual(a.element, b.element)
    case 'tuple':
      return (
        b.kind === 'tuple' &&
        a.elements.length === b.elements.length &&
        a.elements.every((element, index) => typesEqual(element, b.elements[index] as Type))
      )
    case 'object':
      return (
        b.kind === 'object' &&
        a.attributes.size === b.attributes.size &&
        [...a.attributes].every(([name, type]) => {
          const other = b.attributes.get(name)
          return other !== undefined && typesEqual(type, other)
        })
      )
    default:
      return a.kind === b.kind
  }
}

/** Whether any part of the type is dynamic. */
export function hasDynamic(type: Type): boolean {
  switch (type.kind) {
    case 'dynamic':
      return true
    case 'list':
    case 'set':
    case 'map':
      return hasDynamic(type.element)
    case 'tuple':
      return type.elements.some(hasDynamic)
    case 'object':
      return [...type.attributes.values()].some(hasDynamic)
    default:
      return false
  }
}

/** The name in diagnostics: `list of string`, `object`. */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'dynamic':
      return 'any type'
    case 'list':
    case 'set':
    case 'map':
      return type.element.kind === 'dynamic' ? type.kind : `${type.kind} of ${describeType(type.element)}`
    default:
      return type.kind
  }
}

/** The name that `tofu` prints with a value: `list of string`, `dynamic`. */
export function nameOfType(type: Type): string {
  return 'element' in type ? `${type.kind} of ${nameOfType(type.element)}` : type.kind
}

/** The JSON form of Terraform's state and schemas: `"string"`, `["list","string"]`, `["object",{…}]`. */
export function typeToJson(type: Type): unknown {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return [type.kind, typeToJson(type.element)]
    case 'tuple':
      return ['tuple', type.elements.map(typeToJson)]
    case 'object':
      return ['object', objectToJson(type.attributes)]
    default:
      return type.kind
  }
}

const objectToJson = (attributes: ReadonlyMap<string, Type>) =>
  Object.fromEntries([...attributes.keys()].sort().map((name) => [name, typeToJson(attributes.get(name) as Type)]))
