// Checks that module calls pass the provider configurations that their modules require, and no others.

import { configurationName, type ModuleCall, type ModuleNode, type ProviderBlock } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Range } from '../../diagnostics/source.ts'
import { positionFields } from '../../hcl/nodes.ts'
import { moduleNodes } from '../modules/module-nodes.ts'
import { findConfiguration } from '../modules/provider-configurations.ts'

export function checkProviderConfigurations(root: ModuleNode): Diagnostic[] {
  return moduleNodes(root).flatMap((node) => {
    const { call, parent } = node
    if (!call || !parent) return checkBackend(node)
    return [
      ...warnIgnoredBackend(node),
      ...checkPassed(node, call, parent),
      ...checkRequired(node, call),
      ...node.module.providerBlocks.flatMap((block) => checkOwnBlock(block, node)),
    ]
  })
}

/** The backends of OpenTofu. The name is validated, but the deployment stores the state. */
const backends: ReadonlySet<string> = new Set([
  'local',
  'remote',
  'azurerm',
  'consul',
  'cos',
  'gcs',
  'http',
  'inmem',
  'kubernetes',
  'oss',
  'pg',
  's3',
])

function checkBackend({ module: { storage } }: ModuleNode): Diagnostic[] {
  const [kind] = storage?.type === 'backend' ? storage.labels : []
  if (!kind || backends.has(kind.text)) return []
  const detail = `There is no backend type "${kind.text}".${didYouMean(kind.text, backends)}`
  return [errorAt(kind.range, 'Invalid backend type', detail)]
}

const warning = (range: Diagnostic['range'], summary: string, detail: string): Diagnostic => ({
  ...errorAt(range, summary, detail),
  severity: 'warning',
})

function warnIgnoredBackend({ module: { storage } }: ModuleNode): Diagnostic[] {
  if (!storage) return []
  const kind = storage.type === 'cloud' ? 'Cloud' : 'Backend'
  const detail = 'Only the root module or the deployment can configure where the state is stored.'
  return [warning(storage.headerRange, `${kind} configuration ignored`, detail)]
}

function checkPassed(node: ModuleNode, call: ModuleCall, parent: ModuleNode): Diagnostic[] {
  return [...call.providers].flatMap(([name, { reference: passed, inner }]) => {
    const found: Diagnostic[] = []
    const [local = name] = name.split('.')
    const required = node.module.requiredProviders.get(local)
    if (name !== local) {
      const isRequired = required?.aliases.some((alias) => configurationName(alias) === name)
      const detail = `The module does not declare ${name} in the configuration_aliases of its required_providers.`
      if (!isRequired) found.push(errorAt(nameIn(inner, local), 'Reference to undefined provider', detail))
    } else if (!required) {
      const detail = `The module does not declare the provider "${name}". Add it to required_providers with its source.`
      found.push(warning(inner, 'Reference to undefined provider', detail))
    }
    const [innerSource, outerSource] = [sourceIn(node, local), sourceIn(parent, passed.name)]
    if (innerSource !== outerSource) {
      const detail = `"${local}" is ${innerSource} in the module, but "${passed.name}" is ${outerSource} here.`
      found.push(errorAt(nameIn(passed.range, passed.name), 'Provider type mismatch', detail))
    } else if (passed.alias !== undefined && !findConfiguration(parent, passed)) {
      const summary = `missing provider provider["registry.terraform.io/${outerSource}"].${passed.alias}`
      const detail = `There is no block provider "${passed.name}" with alias = "${passed.alias}" to pass to the module.`
      found.push(errorAt(passed.range, summary, detail))
    }
    if (passed.key && call.forEach && isSameForEach(call, passed.name, passed.alias, parent)) {
      const detail =
        'Removing an element also removes the provider configuration that is needed to destroy its objects. Use a for_each with more elements for the provider than for the module.'
      found.push(warning(call.forEach.range, 'Provider configuration for_each matches module', detail))
    }
    return found
  })
}

/** The range of the name in `name.alias`. */
const nameIn = (range: Range, name: string): Range => ({ ...range, end: range.start + name.length })

function isSameForEach(call: ModuleCall, name: string, alias: string | undefined, parent: ModuleNode): boolean {
  const found = findConfiguration(parent, { name, alias })
  return JSON.stringify(withoutRanges(found?.block.forEach)) === JSON.stringify(withoutRanges(call.forEach))
}

const withoutRanges = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree ?? null, (key, value) => (isPosition(key) ? undefined : (value as unknown))))

const isPosition = (key: string) => /range$/i.test(key) || positionFields.has(key)

const sourceIn = ({ module }: ModuleNode, name: string): string =>
  module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '') ??
  (name === 'terraform' ? 'terraform.io/builtin/terraform' : `hashicorp/${name}`)

function checkRequired(node: ModuleNode, call: ModuleCall): Diagnostic[] {
  const required = [...node.module.requiredProviders.values()].flatMap(({ aliases }) => aliases.map(configurationName))
  return required
    .filter((name) => !call.providers.has(name))
    .map((name) => {
      const detail = `The module requires the provider configuration ${name}. Pass one: providers = { ${name} = … }.`
      return errorAt(call.range, 'Missing required provider configuration', detail)
    })
}

function checkOwnBlock(block: ProviderBlock, node: ModuleNode): Diagnostic[] {
  if (block.alias === undefined && block.body.attributes.size + block.body.blocks.length === 0) {
    const detail = `The module inherits the default configuration of its caller. Declare the provider in required_providers, and remove this block.`
    return [warning(block.range, 'Redundant empty provider block', detail)]
  }
  for (let at: ModuleNode | undefined = node; at?.call; at = at.parent) {
    const { call }: { readonly call: ModuleCall } = at as ModuleNode & { call: ModuleCall }
    const range = call.count?.range ?? call.forEach?.range ?? call.enabled?.range ?? call.dependsOn[0]?.[0]?.range
    if (!range) continue
    const detail = `The module has its own configuration of "${block.name}", in ${block.range.file}. A module with count, for_each, enabled or depends_on must get its configurations from its caller: remove the block, and pass providers = { … }.`
    return [errorAt(range, 'Module is incompatible with count, for_each, enabled and depends_on', detail)]
  }
  return []
}
