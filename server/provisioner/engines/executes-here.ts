// What a template executes on the provisioner's own computer, so that only an owner of the deployment is given it.

import { modulePrefix } from '../../../terraform/addresses.ts'
import type { Module, ResourceBlock } from '../../../terraform/config/module.ts'
import { moduleNodes } from '../../../terraform/engine/module-nodes.ts'
import type { Template } from '../../../terraform/engine/template.ts'

const hostProviderSource = 'coder-local/host'

/** Addresses without instance keys, of all modules; empty when the template is safe for everybody. */
export function executesHere({ root }: Template): string[] {
  return moduleNodes(root).flatMap(({ module, names }) =>
    [...module.resources]
      .filter(([, block]) => isOfHost(module, block) || hasProvisioner(block))
      .map(([address]) => modulePrefix(names) + address),
  )
}

/** By type, by the provider's name and by its source: a template may call the provider as it likes. */
function isOfHost({ requiredProviders }: Module, { address, provider }: ResourceBlock): boolean {
  return (
    address.type.startsWith('host_') ||
    provider.name === 'host' ||
    requiredProviders.get(provider.name)?.source === hostProviderSource
  )
}

/** Every provisioner begins on this computer, `local-exec` also ends there. */
function hasProvisioner({ provisioners }: ResourceBlock): boolean {
  return provisioners.length > 0
}
