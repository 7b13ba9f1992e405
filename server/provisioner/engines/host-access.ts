// Finds resources of a template that execute, write or read on the provisioner's host, and modules outside the template.
// Only deployment owners may build such templates.

import { modulePrefix } from '../../../terraform/addresses.ts'
import type { Module, RemovedBlock, ResourceBlock } from '../../../terraform/config/module.ts'
import { moduleNodes } from '../../../terraform/engine/modules/module-nodes.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import { hostProviders } from '../../jobs/host-providers.ts'

/** Addresses in all modules, without instance keys; empty if the template does not access the host. */
export function findHostAccess({ root }: Template): string[] {
  return moduleNodes(root).flatMap(({ module, names }) => [
    ...[...module.resources]
      .filter(([, block]) => accessesHost(module, block) || hasProvisioner(block))
      .map(([address]) => modulePrefix(names) + address),
    ...module.removed.filter(hasProvisioner).map(() => `${modulePrefix(names)}removed`),
  ])
}

/** Files of modules outside the template's folder. Absolute paths are bundled modules. */
export const findOutsideSources = ({ sources }: Template): string[] =>
  sources.flatMap(({ file }) => (file.startsWith('../') ? [file] : []))

/** Checks the type, provider name and source, because templates may rename providers. */
function accessesHost({ requiredProviders }: Module, { address, provider }: ResourceBlock): boolean {
  if (address.type === 'terraform_remote_state') return true
  const source = requiredProviders.get(provider.name)?.source
  return Object.entries(hostProviders).some(
    ([name, hostSource]) =>
      address.type.startsWith(`${name}_`) || provider.name === name || source?.endsWith(hostSource),
  )
}

/** All provisioners start on the host, and `local-exec` runs there. */
function hasProvisioner({ provisioners }: ResourceBlock | RemovedBlock): boolean {
  return provisioners.length > 0
}
