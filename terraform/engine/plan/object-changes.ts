// Combines an object's configuration with its prior value: computed attributes, `ignore_changes`, replacements.

import type { IgnoredPath } from '../../config/module.ts'
import { changeEntries } from '../../config/schema.ts'
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from '../../provider.ts'
import {
  list,
  nullOf,
  type ObjectValue,
  object,
  set,
  tuple,
  unknown,
  type Value,
  valuesEqual,
  withMarks,
} from '../../values/value.ts'

/** The configuration with the computed attributes of the prior object; unknown if there is none. */
export function proposeObject(schema: BlockSchema, config: ObjectValue, prior: ObjectValue | null): ObjectValue {
  return changeEntries(config, (name, value) => {
    const attribute = schema.attributes[name]
    const before = prior?.entries.get(name)
    if (attribute) return proposeAttribute(attribute, value, before)
    const nested = schema.blocks[name]
    return nested ? proposeBlocks(nested, value, before) : value
  })
}

function proposeAttribute(attribute: AttributeSchema, value: Value, before: Value | undefined): Value {
  if (value.kind !== 'null' || !attribute.computed) return value
  return before ?? unknown(attribute.type)
}

function proposeBlocks(nested: NestedBlockSchema, value: Value, before: Value | undefined): Value {
  const proposeOne = (block: Value, earlier: Value | undefined): Value =>
    block.kind === 'object' ? proposeObject(nested.block, block, earlier?.kind === 'object' ? earlier : null) : block
  if (value.kind === 'object') return proposeOne(value, before)
  if (value.kind !== 'list' && value.kind !== 'set' && value.kind !== 'tuple') return value
  const earlier = before && 'elements' in before ? before.elements : []
  const elements = value.elements.map((block, index) => proposeOne(block, earlier[index]))
  const proposed =
    value.kind === 'tuple'
      ? tuple(elements)
      : value.kind === 'list'
        ? list(value.elementType, elements)
        : set(value.elementType, elements)
  return withMarks(proposed, value.marks)
}

/** The configuration with the prior values of the ignored paths. */
export function applyIgnoreChanges(
  config: ObjectValue,
  prior: ObjectValue,
  paths: readonly IgnoredPath[] | 'all',
): ObjectValue {
  if (paths === 'all') return changeEntries(config, (name, value) => prior.entries.get(name) ?? value)
  return paths.reduce<ObjectValue>((value, { steps }) => restorePath(value, prior, steps) as ObjectValue, config)
}

function restorePath(value: Value, prior: Value | undefined, steps: IgnoredPath['steps']): Value {
  const [step, ...rest] = steps
  if (step === undefined) return prior ?? value
  if (value.kind === 'object' && 'attribute' in step) return restoreEntry(value, prior, step.attribute, rest)
  if (value.kind === 'map' && 'index' in step) return restoreEntry(value, prior, String(step.index), rest)
  if ('elements' in value && 'index' in step && value.kind !== 'set') {
    const at = Number(step.index)
    const before = prior && 'elements' in prior ? prior.elements[at] : undefined
    const elements = value.elements.map((element, index) =>
      index === at ? restorePath(element, before, rest) : element,
    )
    return value.kind === 'tuple' ? tuple(elements) : list(value.elementType, elements)
  }
  return value
}

function restoreEntry(
  value: Value & { entries: ReadonlyMap<string, Value> },
  prior: Value | undefined,
  step: string,
  rest: IgnoredPath['steps'],
): Value {
  const before = prior && 'entries' in prior ? prior.entries.get(step) : undefined
  const entries = new Map(value.entries)
  const current = value.entries.get(step)
  if (current) entries.set(step, restorePath(current, before, rest))
  else if (before && rest.length === 0) entries.set(step, before)
  // A map key that the prior object lacks stays absent.
  if (rest.length === 0 && !before && value.kind === 'map') entries.delete(step)
  return { ...object(entries), ...(value.kind === 'map' && { kind: 'map', elementType: value.elementType }) } as Value
}

/** Changed attributes that force a replacement. */
export function changedForceNewAttributes(schema: BlockSchema, prior: ObjectValue, planned: ObjectValue): string[] {
  return Object.entries(schema.attributes)
    .filter(([name, attribute]) => attribute.forcesReplacement && hasChanged(prior, planned, name))
    .map(([name]) => name)
}

function hasChanged(prior: ObjectValue, planned: ObjectValue, name: string): boolean {
  const before = prior.entries.get(name) ?? nullOf()
  const after = planned.entries.get(name) ?? nullOf()
  return !valuesEqual(before, after)
}
