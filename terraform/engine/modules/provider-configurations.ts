// Which `provider` block a resource means. A module hands its configurations down to the modules it calls: the default
// ones by themselves, those with an alias where `providers` says so.

import { configurationName, type ModuleNode, type ProviderBlock, type ProviderReference } from '../../config/module.ts'

export interface ProviderConfiguration {
  readonly module: ModuleNode
  readonly block: ProviderBlock
  /** `aws`, `aws.west`: how its module names it. */
  readonly name: string
  /** Whether one of several that the block makes was named. */
  readonly hasKey: boolean
}

/** Undefined where no block configures the provider. */
export function findConfiguration(
  module: ModuleNode,
  wanted: Pick<ProviderReference, 'name' | 'alias'> & Partial<Pick<ProviderReference, 'key'>>,
): ProviderConfiguration | undefined {
  const name = configurationName(wanted)
  const block = module.module.providerBlocks.find((candidate) => configurationName(candidate) === name)
  if (block) return { module, block, name, hasKey: wanted.key !== undefined }
  const { call, parent } = module
  if (!call || !parent) return undefined
  const given = call.providers.get(name)?.reference
  if (given) return findConfiguration(parent, given)
  return wanted.alias === undefined
    ? findConfiguration(parent, { name: outerName(module, wanted.name), alias: undefined })
    : undefined
}

/** What the parent calls the provider that the module knows by this name. */
function outerName(module: ModuleNode, name: string): string {
  const source = module.module.requiredProviders.get(name)?.source
  if (source === undefined || !module.parent) return name
  for (const provider of module.parent.module.requiredProviders.values()) {
    if (provider.source === source) return provider.name
  }
  return name
}
