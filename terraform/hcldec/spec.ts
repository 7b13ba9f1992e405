// The model of a specification, which maps a body to a value. Each kind of spec defines the schema that it reads and its
// type, even for an empty body.

import type { Expression } from '../hcl/ast.ts'
import {
  dynamicType,
  listType,
  mapType,
  objectType,
  setType,
  stringType,
  type Type,
  tupleType,
} from '../values/type.ts'
import { typeOf, unknown, type Value } from '../values/value.ts'
import type { AttributeSchema, BlockSchema, BodySchema } from './body.ts'
import { evaluateIn } from './evaluation.ts'
import { specFunctions } from './functions.ts'

export type Spec =
  | { readonly kind: 'object'; readonly properties: ReadonlyMap<string, Spec> }
  | { readonly kind: 'array'; readonly elements: readonly Spec[] }
  | { readonly kind: 'attribute'; readonly name: string; readonly type: Type; readonly isRequired: boolean }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'block'; readonly type: string; readonly nested: Spec; readonly isRequired: boolean }
  | BlocksSpec
  | BlockMapSpec
  | { readonly kind: 'block attributes'; readonly type: string; readonly element: Type; readonly isRequired: boolean }
  | { readonly kind: 'block label'; readonly index: number; readonly name: string }
  | { readonly kind: 'default'; readonly primary: Spec; readonly fallback: Spec }
  | TransformSpec

/** A collection with one element per block. */
export interface BlocksSpec {
  readonly kind: 'block list' | 'block set' | 'block tuple'
  readonly type: string
  readonly nested: Spec
  readonly minItems: number
  /** 0 for no limit. */
  readonly maxItems: number
}

export interface BlockMapSpec {
  readonly kind: 'block map'
  readonly type: string
  readonly labelNames: readonly string[]
  readonly nested: Spec
}

export interface TransformSpec {
  readonly kind: 'transform'
  readonly wrapped: Spec
  readonly result: Expression | undefined
}

/** The nested specs that read the same body. */
export function childrenOf(spec: Spec): readonly Spec[] {
  switch (spec.kind) {
    case 'object':
      return [...spec.properties.values()]
    case 'array':
      return spec.elements
    case 'default':
      return [spec.primary, spec.fallback]
    case 'transform':
      return [spec.wrapped]
    default:
      return []
  }
}

/** Like in HCL's own program, the attributes inside a default occur twice: from the default itself and from its parts. */
export function schemaOf(spec: Spec): BodySchema {
  const attributes = [...attributesOf(spec)]
  const blocks = [...blocksOf(spec)]
  for (const child of childrenOf(spec)) {
    const schema = schemaOf(child)
    attributes.push(...schema.attributes)
    blocks.push(...schema.blocks)
  }
  return { attributes, blocks }
}

function attributesOf(spec: Spec): readonly AttributeSchema[] {
  if (spec.kind === 'attribute') return [spec]
  return spec.kind === 'default' ? [...attributesOf(spec.primary), ...attributesOf(spec.fallback)] : []
}

function blocksOf(spec: Spec): readonly BlockSchema[] {
  switch (spec.kind) {
    case 'block':
    case 'block list':
    case 'block set':
    case 'block tuple':
      return [{ type: spec.type, labelNames: labelNamesIn(spec.nested) }]
    case 'block map':
      return [{ type: spec.type, labelNames: [...spec.labelNames, ...labelNamesIn(spec.nested)] }]
    case 'block attributes':
      return [{ type: spec.type, labelNames: [] }]
    case 'default':
      return blocksOf(spec.primary)
    default:
      return []
  }
}

function labelNamesIn(spec: Spec): string[] {
  const names: string[] = []
  const visit = (visited: Spec): void => {
    if (visited.kind === 'block label') names[visited.index] = visited.name
    for (const child of childrenOf(visited)) visit(child)
  }
  visit(spec)
  return Array.from(names, (name, index) => name ?? `missing${String(index).padStart(2, '0')}`)
}

export function impliedType(spec: Spec): Type {
  switch (spec.kind) {
    case 'object':
      return objectType(new Map([...spec.properties].map(([name, property]) => [name, impliedType(property)])))
    case 'array':
      return tupleType(spec.elements.map(impliedType))
    case 'attribute':
      return spec.type
    case 'literal':
      return typeOf(spec.value)
    case 'block':
      return impliedType(spec.nested)
    case 'block list':
      return listType(impliedType(spec.nested))
    case 'block set':
      return setType(impliedType(spec.nested))
    case 'block tuple':
      return dynamicType
    case 'block map':
      return spec.labelNames.reduce<Type>(mapType, impliedType(spec.nested))
    case 'block attributes':
      return mapType(spec.element)
    case 'block label':
      return stringType
    case 'default':
      return impliedType(spec.primary)
    case 'transform':
      return typeOf(transform(spec, unknown(impliedType(spec.wrapped)), () => undefined))
  }
}

export function transform({ result }: TransformSpec, nested: Value, report: Parameters<typeof evaluateIn>[2]): Value {
  if (!result) return { kind: 'null', type: dynamicType, marks: 0 }
  return evaluateIn(result, { variables: new Map([['nested', nested]]), functions: specFunctions }, report)
}
