// Whether modules are handed the provider configurations that they ask for, and ask for those that they are handed.

import { configurationName, type ModuleCall, type ModuleNode, type ProviderBlock } from '../../config/module.ts'
import { type Diagnostic, didYouMean, errorAt, type Range } from '../../diagnostics.ts'
import { placeNames } from '../../hcl/nodes.ts'
import { moduleNodes } from '../modules/module-nodes.ts'
import { findConfiguration } from '../modules/provider-configurations.ts'

export function checkProviderConfigurations(root: ModuleNode): Diagnostic[] {
  return moduleNodes(root).flatMap((node) => {
    const { call, parent } = node
    if (!call || !parent) return checkBackend(node)
    return [
      ...tellIgnoredStorage(node),
      ...checkHandedOver(node, call, parent),
      ...checkWanted(node, call),
      ...node.module.providerBlocks.flatMap((block) => checkOwnBlock(block, node)),
    ]
  })
}

/** Of OpenTofu. Here the deployment keeps the state, whatever a template names. */
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
  const detail = `There is no backend "${kind.text}".${didYouMean(kind.text, backends)}`
  return [errorAt(kind.range, 'Invalid backend type', detail)]
}

const warning = (range: Diagnostic['range'], summary: string, detail: string): Diagnostic => ({
  ...errorAt(range, summary, detail),
  severity: 'warning',
})

function tellIgnoredStorage({ module: { storage } }: ModuleNode): Diagnostic[] {
  if (!storage) return []
  const what = storage.type === 'cloud' ? 'Cloud' : 'Backend'
  const detail = 'Where the state is kept is said by the root module, or by the deployment.'
  return [warning(storage.headerRange, `${what} configuration ignored`, detail)]
}

function checkHandedOver(node: ModuleNode, call: ModuleCall, parent: ModuleNode): Diagnostic[] {
  return [...call.providers].flatMap(([name, { reference: given, inner }]) => {
    const found: Diagnostic[] = []
    const [local = name] = name.split('.')
    const required = node.module.requiredProviders.get(local)
    if (name !== local) {
      const isAskedFor = required?.aliases.some((alias) => configurationName(alias) === name)
      const detail = `The module does not ask for ${name}: it is not among configuration_aliases in its required_providers.`
      if (!isAskedFor) found.push(errorAt(nameIn(inner, local), 'Reference to undefined provider', detail))
    } else if (!required) {
      const detail = `The module does not say what it calls "${name}". Give it required_providers with the source.`
      found.push(warning(inner, 'Reference to undefined provider', detail))
    }
    const [here, there] = [sourceIn(node, local), sourceIn(parent, given.name)]
    if (here !== there) {
      const detail = `The module's "${local}" is ${here}, and "${given.name}" here is ${there}.`
      found.push(errorAt(nameIn(given.range, given.name), 'Provider type mismatch', detail))
    } else if (given.alias !== undefined && !findConfiguration(parent, given)) {
      const summary = `missing provider provider["registry.terraform.io/${there}"].${given.alias}`
      const detail = `There is no block provider "${given.name}" with alias = "${given.alias}" to hand to the module.`
      found.push(errorAt(given.range, summary, detail))
    }
    if (given.key && call.forEach && isSameForEach(call, given.name, given.alias, parent)) {
      const detail =
        'When an element is taken out, its configuration goes together with what it would be needed for to destroy. Let the provider have more elements than the module.'
      found.push(warning(call.forEach.range, 'Provider configuration for_each matches module', detail))
    }
    return found
  })
}

/** Of `name.alias` the name. */
const nameIn = (range: Range, name: string): Range => ({ ...range, end: range.start + name.length })

function isSameForEach(call: ModuleCall, name: string, alias: string | undefined, parent: ModuleNode): boolean {
  const found = findConfiguration(parent, { name, alias })
  return JSON.stringify(withoutRanges(found?.block.forEach)) === JSON.stringify(withoutRanges(call.forEach))
}

const withoutRanges = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree ?? null, (key, value) => (saysWhere(key) ? undefined : (value as unknown))))

const saysWhere = (key: string) => /range$/i.test(key) || placeNames.has(key)

const sourceIn = ({ module }: ModuleNode, name: string): string =>
  module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '') ??
  (name === 'terraform' ? 'terraform.io/builtin/terraform' : `hashicorp/${name}`)

function checkWanted(node: ModuleNode, call: ModuleCall): Diagnostic[] {
  const wanted = [...node.module.requiredProviders.values()].flatMap(({ aliases }) => aliases.map(configurationName))
  return wanted
    .filter((name) => !call.providers.has(name))
    .map((name) => {
      const detail = `The module asks for the provider configuration ${name}. Hand it one: providers = { ${name} = … }.`
      return errorAt(call.range, 'Missing required provider configuration', detail)
    })
}

function checkOwnBlock(block: ProviderBlock, node: ModuleNode): Diagnostic[] {
  if (block.alias === undefined && block.body.attributes.size + block.body.blocks.length === 0) {
    const detail = `The module gets the configuration of the one that calls it by itself. Say which provider it needs in required_providers, and take this block out.`
    return [warning(block.range, 'Redundant empty provider block', detail)]
  }
  for (let at: ModuleNode | undefined = node; at?.call; at = at.parent) {
    const { call }: { readonly call: ModuleCall } = at as ModuleNode & { call: ModuleCall }
    const range = call.count?.range ?? call.forEach?.range ?? call.enabled?.range ?? call.dependsOn[0]?.[0]?.range
    if (!range) continue
    const detail = `The module configures "${block.name}" by itself, in ${block.range.file}. A module of which there may be many or none is handed its configurations: take the block out, and use providers = { … }.`
    return [errorAt(range, 'Module is incompatible with count, for_each, enabled and depends_on', detail)]
  }
  return []
}
