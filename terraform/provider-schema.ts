// Short words to write schemas with.

import type { AttributeSchema, BlockSchema, NestedBlockSchema } from './provider.ts'
import { boolType, listType, mapType, numberType, stringType, type Type } from './values/type.ts'

export const required = (type: Type): AttributeSchema => ({ type, required: true })
export const optional = (type: Type): AttributeSchema => ({ type })
/** Filled in by the provider only. */
export const computed = (type: Type): AttributeSchema => ({ type, computed: true, readOnly: true })
/** Gets the same default each time that the template leaves it out. */
export const withDefault = optional
/** Filled in by the provider when the template leaves it out, and then kept. */
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
/** Blocks without an order, which expressions can not index. */
export const unorderedBlocks = (
  block: BlockSchema,
  limits: { minItems?: number; maxItems?: number } = {},
): NestedBlockSchema => ({ ...blocks(block, limits), nesting: 'set' })
