// Helpers to write the schemas of providers.

import type { AttributeSchema, BlockSchema, NestedBlockSchema } from './provider.ts'
import { boolType, listType, mapType, numberType, stringType, type Type } from './values/type.ts'

export const required = (type: Type): AttributeSchema => ({ type, required: true })
export const optional = (type: Type): AttributeSchema => ({ type })
/** Read-only: set only by the provider. */
export const computed = (type: Type): AttributeSchema => ({ type, computed: true, readOnly: true })
/** An optional attribute with a constant default. */
export const withDefault = optional
/** Set by the provider if the template does not set it. */
export const optionalComputed = (type: Type): AttributeSchema => ({ type, computed: true })
export const sensitive = (attribute: AttributeSchema): AttributeSchema => ({ ...attribute, sensitive: true })
export const forceNew = (attribute: AttributeSchema): AttributeSchema => ({ ...attribute, forcesReplacement: true })

export const text = stringType
export const num = numberType
export const flag = boolType
export const texts = listType(stringType)
export const textMap = mapType(stringType)

export const noBlocks: BlockSchema['blocks'] = {}
export const blocks = (
  block: BlockSchema,
  limits: { minItems?: number; maxItems?: number } = {},
): NestedBlockSchema => ({
  nesting: 'list',
  block,
  ...limits,
})
/** Blocks without an order: expressions cannot index them. */
export const unorderedBlocks = (
  block: BlockSchema,
  limits: { minItems?: number; maxItems?: number } = {},
): NestedBlockSchema => ({ ...blocks(block, limits), nesting: 'set' })
