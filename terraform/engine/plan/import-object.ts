// Imports existing objects into the state, for `import` blocks.

import { formatInstance, formatLocalResource, type InstanceKey } from '../../addresses.ts'
import type { ImportBlock, Module } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { evaluate, evaluateTo } from '../../lang/evaluator/evaluate.ts'
import type { ResourceType } from '../../provider.ts'
import { numToJs } from '../../values/number.ts'
import { stringType } from '../../values/type.ts'
import { isSensitive } from '../../values/value.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { expand, isExpansion } from '../evaluation/expand.ts'
import type { InstanceNames } from '../evaluation/instance-names.ts'
import { runOperation } from '../providers/operations.ts'
import type { ResolvedType } from '../providers/registry.ts'
import { attributesToJson } from '../state/attributes-json.ts'
import { addressIn, type BlockInstance, type ProviderContext } from './instance-plan.ts'

/** Imports an instance that is not in the state, if an `import` block names it. */
export async function importObject(
  instance: BlockInstance,
  resolved: ResolvedType<ResourceType>,
  context: ProviderContext,
): Promise<readonly Diagnostic[]> {
  const { block, evaluation, names } = instance
  const address = addressIn(evaluation, block)
  const instanceAddress = formatInstance(address, names.key)
  const root = rootOf(evaluation)
  for (const statement of root.module.imports) {
    const { resource, module } = statement.to
    if (!resource || formatLocalResource({ ...resource, module: [] }) !== formatLocalResource(address)) continue
    const instances = instancesOf(statement, root)
    if (!Array.isArray(instances)) return instances.problems
    for (const each of instances) {
      const target = formatInstance({ ...resource, module }, keyOf(statement, root, each))
      if (target === instanceAddress) return runImport(statement, each, instance, resolved, context)
    }
  }
  return []
}

/** Reports `import` blocks for undeclared resources of the root module. */
export function undeclaredImports({ imports, resources }: Module): readonly Diagnostic[] {
  return imports.flatMap(({ to: { resource, module }, range }) => {
    if (!resource || module.length > 0) return []
    const target = formatLocalResource({ ...resource, module: [] })
    if (resources.has(target)) return []
    const detail = `There is no resource ${target} to import into. Declare it: resource "${resource.type}" "${resource.name}" {}.`
    return [errorAt(range, 'Configuration for import target does not exist', detail)]
  })
}

/** Reports `import` blocks for instances that the configuration does not have. */
export function unusedImports(root: Evaluation, configured: ReadonlySet<string>): readonly Diagnostic[] {
  return root.module.imports.flatMap((statement) => {
    const { resource, module } = statement.to
    const instances = instancesOf(statement, root)
    if (!resource || !Array.isArray(instances)) return []
    return instances.flatMap((each) => {
      const target = formatInstance({ ...resource, module }, keyOf(statement, root, each))
      if (configured.has(target)) return []
      const detail = `The configuration has no instance ${target} to import into. Check the instance key.`
      return [errorAt(statement.range, 'Configuration for import target does not exist', detail)]
    })
  })
}

function rootOf(evaluation: Evaluation): Evaluation {
  let root = evaluation
  while (root.parent) root = root.parent
  return root
}

/** Unlike in other blocks, `for_each` also accepts a list. */
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

async function runImport(
  statement: ImportBlock,
  names: InstanceNames,
  instance: BlockInstance,
  { type, providerAddress }: ResolvedType<ResourceType>,
  { dir, working, signal, onEvent }: ProviderContext,
): Promise<readonly Diagnostic[]> {
  const { block, evaluation } = instance
  const address = addressIn(evaluation, block)
  const id = evaluateTo(statement.id, stringType, rootOf(evaluation).scope(names), 'the import id')
  if (hasErrors(id.diagnostics)) return id.diagnostics
  // An empty id imports nothing.
  if (id.value.kind === 'string' && id.value.value === '') return []
  if (id.value.kind !== 'string' || isSensitive(id.value)) {
    const detail = 'The import id must be known during planning, and must not be null or sensitive.'
    return [errorAt(statement.id.range, 'Invalid import id argument', detail)]
  }
  const { value: text } = id.value
  const importById = type.import
  // A mock has no real objects to import.
  if (!importById && type.isMock) return []
  if (!importById) {
    const detail = `The provider does not support importing objects of type ${address.type}.`
    return [errorAt(statement.range, 'Resource import not supported', detail)]
  }
  const operation = {
    address,
    key: instance.names.key,
    action: 'read' as const,
    block,
    object: null,
    dir,
    signal,
    onEvent,
  }
  const { value, diagnostics } = await runOperation(operation, (inner) => importById(text, inner))
  if (!value || hasErrors(diagnostics)) {
    const detail = `There is no ${address.type} with the id ${JSON.stringify(text)}.`
    const missing = errorAt(statement.id.range, 'Cannot import non-existent remote object', detail)
    return hasErrors(diagnostics) ? diagnostics : [...diagnostics, missing]
  }
  const imported = {
    ...(instance.names.key !== undefined && { indexKey: instance.names.key }),
    schemaVersion: type.schemaVersion ?? 0,
    attributes: attributesToJson(value, type.schema),
    dependencies: [],
  }
  working.put({ address, provider: providerAddress, instance: imported })
  return diagnostics
}
