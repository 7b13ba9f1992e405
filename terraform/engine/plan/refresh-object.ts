// Reads the current value of an object in the state from its provider.

import { formatInstance } from '../../addresses.ts'
import type { ResourceBlock } from '../../config/module.ts'
import { markBySchema } from '../../config/schema.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { ResourceType } from '../../provider.ts'
import { markSensitive } from '../../values/mark-paths.ts'
import type { ObjectValue } from '../../values/value.ts'
import { runOperation } from '../providers/operations.ts'
import type { ResolvedType } from '../providers/registry.ts'
import { attributesFromJson, attributesToJson } from '../state/attributes-json.ts'
import type { StateObject } from '../state/working-state.ts'
import type { ProviderContext } from './instance-plan.ts'

/** Reads the object from the provider and updates the working state. */
export async function refreshObject(
  stored: StateObject,
  { type }: ResolvedType<ResourceType>,
  block: ResourceBlock | undefined,
  { dir, working, signal, onEvent }: ProviderContext,
): Promise<{ prior: ObjectValue | null; diagnostics: readonly Diagnostic[] }> {
  const { address, instance } = stored
  const key = instance.indexKey
  const schemaVersion = type.schemaVersion ?? 0
  if (instance.schemaVersion > schemaVersion)
    return { prior: null, diagnostics: [newerVersion(stored, schemaVersion, block)] }
  const prior = attributesFromJson(instance.attributes, type.schema)
  const operation = { address, key, action: 'refresh' as const, block, object: prior, dir, signal, onEvent }
  const { value, diagnostics } = await runOperation(operation, (inner) => type.read(prior, inner))
  if (hasErrors(diagnostics)) return { prior, diagnostics }
  if (!value) {
    working.remove(address, key, instance.deposed)
    return { prior: null, diagnostics }
  }
  working.put({ ...stored, instance: { ...instance, schemaVersion, attributes: attributesToJson(value, type.schema) } })
  const marked = markSensitive(markBySchema(value, type.schema), instance.sensitiveAttributes ?? []) as ObjectValue
  return { prior: marked, diagnostics }
}

/** Attributes that a newer provider wrote may have another meaning. */
function newerVersion(
  { address, instance }: StateObject,
  supportedVersion: number,
  block: ResourceBlock | undefined,
): Diagnostic {
  const name = formatInstance(address, instance.indexKey)
  const detail = `The state has ${name} with schema version ${instance.schemaVersion}; this program supports versions up to ${supportedVersion}. Use the program that wrote the state, or a newer one.`
  return { ...errorAt(block?.range, 'Resource instance managed by newer provider version', detail), address: name }
}
