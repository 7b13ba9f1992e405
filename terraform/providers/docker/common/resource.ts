// Shared by the resource types of the `docker` provider: defaults, replacements and diagnostics.

import type {
  BlockSchema,
  Outcome,
  ProviderDiagnostic,
  ResourcePlanOutcome,
  ResourcePlanRequest,
} from '../../../provider.ts'
import { required, text, unorderedBlocks } from '../../../provider-schema.ts'
import { dynamicType } from '../../../values/type.ts'
import { list, nullOf, type ObjectValue, object, set, type Value, valuesEqual } from '../../../values/value.ts'

export const labels = unorderedBlocks({ attributes: { label: required(text), value: required(text) }, blocks: {} })

export const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

export const failed = (value: ObjectValue | null, ...diagnostics: ProviderDiagnostic[]): Outcome => ({
  value,
  diagnostics,
})

/** Fills in defaults, and plans a replacement for each changed argument that is not `updatable`. */
export function planResource(
  { prior, proposed }: ResourcePlanRequest,
  schema: BlockSchema,
  defaults: Readonly<Record<string, Value>>,
  updatable: readonly string[] = [],
): ResourcePlanOutcome {
  const planned = object(
    [...proposed.entries].map(([name, value]) => {
      const fallback = Object.hasOwn(defaults, name) ? defaults[name] : undefined
      return [name, fallback && value.kind === 'null' ? fallback : value]
    }),
  )
  if (!prior) return { planned }
  const replaced = [...planned.entries].filter(([name, value]) => {
    const before = prior.entries.get(name)
    const isFixed = !schema.attributes[name]?.readOnly && !updatable.includes(name)
    return isFixed && before !== undefined && !valuesEqual(value, before)
  })
  return { planned, requiresReplace: replaced.map(([name]) => [name]) }
}

/** An object without any argument, to which an import adds what it finds. */
export const unset = ({ attributes, blocks }: BlockSchema): ObjectValue =>
  object([
    ...Object.entries(attributes).map(([name, { type }]) => [name, nullOf(type)] as const),
    ...Object.entries(blocks).map(
      ([name, { nesting }]) => [name, nesting === 'set' ? set(dynamicType, []) : list(dynamicType, [])] as const,
    ),
  ])
