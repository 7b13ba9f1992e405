// What a template executes, writes or reads on the provisioner's own computer, so that only an owner of the deployment is
// given it.

import { modulePrefix } from '../../../terraform/addresses.ts'
import type { Module, ResourceBlock } from '../../../terraform/config/module.ts'
import { moduleNodes } from '../../../terraform/engine/modules/module-nodes.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'

/** Providers that act on this computer, by the names that templates mostly give them. */
const sourcesHere: Readonly<Record<string, string>> = { host: 'coder-local/host', local: 'hashicorp/local' }

/** Addresses without instance keys, of all modules; empty when the template is safe for everybody. */
export function executesHere({ root }: Template): string[] {
  return moduleNodes(root).flatMap(({ module, names }) =>
    [...module.resources]
      .filter(([, block]) => actsHere(module, block) || hasProvisioner(block))
      .map(([address]) => modulePrefix(names) + address),
  )
}

/** By type, by the provider's name and by its source: a template may call the provider as it likes. */
function actsHere({ requiredProviders }: Module, { address, provider }: ResourceBlock): boolean {
  if (address.type === 'terraform_remote_state') return true
  const source = requiredProviders.get(provider.name)?.source
  return Object.entries(sourcesHere).some(
    ([name, known]) => address.type.startsWith(`${name}_`) || provider.name === name || source?.endsWith(known),
  )
}

/** Every provisioner begins on this computer, `local-exec` also ends there. */
function hasProvisioner({ provisioners }: ResourceBlock): boolean {
  return provisioners.length > 0
}
