// Finds the `provider` block that configures a resource. A module passes its default configurations to the modules it calls
// implicitly, and those with an alias through the call's `providers` argument.

import { configurationName, type ModuleNode, type ProviderBlock, type ProviderReference } from '../../config/module.ts'

export interface ProviderConfiguration {
  readonly module: ModuleNode
  readonly block: ProviderBlock
  /** Its name in its module: `aws`, `aws.west`. */
  readonly name: string
  /** Whether the reference has a key, for a block with `for_each`. */
  readonly hasKey: boolean
}

/** Undefined if no block configures the provider. */
export function findConfiguration(
  module: ModuleNode,
  reference: Pick<ProviderReference, 'name' | 'alias'> & Partial<Pick<ProviderReference, 'key'>>,
): ProviderConfiguration | undefined {
  const name = configurationName(reference)
  const block = module.module.providerBlocks.find((candidate) => configurationName(candidate) === name)
  if (block) return { module, block, name, hasKey: reference.key !== undefined }
  const { call, parent } = module
  if (!call || !parent) return undefined
  const passed = call.providers.get(name)?.reference
  if (passed) return findConfiguration(parent, passed)
  return reference.alias === undefined
    ? findConfiguration(parent, { name: outerName(module, reference.name), alias: undefined })
    : undefined
}

/** The parent's local name of the provider. */
function outerName(module: ModuleNode, name: string): string {
  const source = module.module.requiredProviders.get(name)?.source
  if (source === undefined || !module.parent) return name
  for (const provider of module.parent.module.requiredProviders.values()) {
    if (provider.source === source) return provider.name
  }
  return name
}
