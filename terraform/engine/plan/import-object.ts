// Brings objects that exist already into the state, as `import` blocks ask for.

import { formatInstance, formatLocalResource, type InstanceKey } from '../../addresses.ts'
import type { ImportBlock, Module } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics.ts'
import { evaluate, evaluateTo } from '../../lang/evaluate.ts'
import type { ResourceType } from '../../provider.ts'
import { numToJs } from '../../values/number.ts'
import { stringType } from '../../values/type.ts'
import { isSensitive } from '../../values/value.ts'
import type { Evaluation, InstanceNames } from '../evaluation/evaluation.ts'
import { expand, isExpansion } from '../evaluation/expand.ts'
import { runOperation } from '../providers/operations.ts'
import type { ResolvedType } from '../providers/registry.ts'
import { attributesToJson } from '../state/attributes-json.ts'
import { addressIn, type BlockInstance, type ProviderContext } from './instance-plan.ts'

/** For an instance that is not in the state; does nothing where no block names it. */
export async function importObject(
  place: BlockInstance,
  found: ResolvedType<ResourceType>,
  context: ProviderContext,
): Promise<readonly Diagnostic[]> {
  const { block, evaluation, names } = place
  const address = addressIn(evaluation, block)
  const wanted = formatInstance(address, names.key)
  const root = rootOf(evaluation)
  for (const statement of root.module.imports) {
    const { resource, module } = statement.to
    if (!resource || formatLocalResource({ ...resource, module: [] }) !== formatLocalResource(address)) continue
    const instances = instancesOf(statement, root)
    if (!Array.isArray(instances)) return instances.problems
    for (const each of instances) {
      const target = formatInstance({ ...resource, module }, keyOf(statement, root, each))
      if (target === wanted) return bringIn(statement, each, place, found, context)
    }
  }
  return []
}

/** Blocks that name a resource of the root module which is not there. */
export function undeclaredImports({ imports, resources }: Module): readonly Diagnostic[] {
  return imports.flatMap(({ to: { resource, module }, range }) => {
    if (!resource || module.length > 0) return []
    const target = formatLocalResource({ ...resource, module: [] })
    if (resources.has(target)) return []
    const detail = `There is no resource ${target} to import into. Declare it, if with empty hands: resource "${resource.type}" "${resource.name}" {}.`
    return [errorAt(range, 'Configuration for import target does not exist', detail)]
  })
}

/** Blocks that name an instance which the configuration does not ask for. */
export function unusedImports(root: Evaluation, wanted: ReadonlySet<string>): readonly Diagnostic[] {
  return root.module.imports.flatMap((statement) => {
    const { resource, module } = statement.to
    const instances = instancesOf(statement, root)
    if (!resource || !Array.isArray(instances)) return []
    return instances.flatMap((each) => {
      const target = formatInstance({ ...resource, module }, keyOf(statement, root, each))
      if (wanted.has(target)) return []
      const detail = `The configuration asks for no ${target}, so nothing can be brought in for it. Is there a key missing, or one too many?`
      return [errorAt(statement.range, 'Configuration for import target does not exist', detail)]
    })
  })
}

function rootOf(evaluation: Evaluation): Evaluation {
  let at = evaluation
  while (at.parent) at = at.parent
  return at
}

/** Unlike elsewhere, a list will do. */
function instancesOf(
  { forEach }: ImportBlock,
  root: Evaluation,
): InstanceNames[] | { problems: readonly Diagnostic[] } {
  if (!forEach) return [{}]
  const { value } = evaluate(forEach, root.scope())
  const isList = (value.kind === 'list' || value.kind === 'tuple') && !isSensitive(value)
  if (isList) return value.elements.map((each, key) => ({ key, each }))
  const expansion = expand({ count: undefined, forEach, enabled: undefined }, root.scope())
  return isExpansion(expansion) ? [...expansion.instances] : { problems: expansion }
}

function keyOf({ key, to }: ImportBlock, root: Evaluation, names: InstanceNames): InstanceKey {
  if (!key) return to.key
  const { value } = evaluate(key, root.scope(names))
  if (value.kind === 'number') return numToJs(value.value)
  return value.kind === 'string' ? value.value : undefined
}

async function bringIn(
  statement: ImportBlock,
  names: InstanceNames,
  place: BlockInstance,
  { type, providerAddress }: ResolvedType<ResourceType>,
  { dir, working, signal, onEvent }: ProviderContext,
): Promise<readonly Diagnostic[]> {
  const { block, evaluation } = place
  const address = addressIn(evaluation, block)
  const id = evaluateTo(statement.id, stringType, rootOf(evaluation).scope(names), 'the import id')
  if (hasErrors(id.diagnostics)) return id.diagnostics
  // An empty one means that there is nothing to bring in.
  if (id.value.kind === 'string' && id.value.value === '') return []
  if (id.value.kind !== 'string' || isSensitive(id.value)) {
    const detail = 'The id of the object to import must be known while planning, and neither null nor sensitive.'
    return [errorAt(statement.id.range, 'Invalid import id argument', detail)]
  }
  const { value: text } = id.value
  const importing = type.import
  // Nothing is there that could be brought in.
  if (!importing && type.isMock) return []
  if (!importing) {
    const detail = `Objects of type ${address.type} can not be imported: the provider has no way to find them by an id.`
    return [errorAt(statement.range, 'Resource import not supported', detail)]
  }
  const operation = {
    address,
    key: place.names.key,
    action: 'read' as const,
    block,
    object: null,
    dir,
    signal,
    onEvent,
  }
  const { value, diagnostics } = await runOperation(operation, (inner) => importing(text, inner))
  if (!value || hasErrors(diagnostics)) {
    const detail = `There is no ${address.type} with the id ${JSON.stringify(text)}.`
    const missing = errorAt(statement.id.range, 'Cannot import non-existent remote object', detail)
    return hasErrors(diagnostics) ? diagnostics : [...diagnostics, missing]
  }
  const instance = {
    ...(place.names.key !== undefined && { indexKey: place.names.key }),
    schemaVersion: type.schemaVersion ?? 0,
    attributes: attributesToJson(value, type.schema),
    dependencies: [],
  }
  working.put({ address, provider: providerAddress, instance })
  return diagnostics
}
