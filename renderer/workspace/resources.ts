// Resources that persist while a workspace is stopped, and those whose data is lost on deletion.

import type { WorkspaceResource } from '../../api/workspaces/builds.ts'

export const addressOf = (resource: WorkspaceResource): string => `${resource.type}.${resource.name}`

// A process on this computer or a folder of the user: deletion keeps the files.
const isLocalResource = (resource: WorkspaceResource): boolean => resource.type.startsWith('host_')

// Resources that exist only in the Terraform state.
const isStateOnly = (resource: WorkspaceResource): boolean => /^(terraform|coder)_/.test(resource.type)

/** Addresses of a template version's resources that persist while the workspace is stopped. */
export const persistentAddresses = (resources: readonly WorkspaceResource[]): ReadonlySet<string> =>
  new Set(resources.filter((resource) => resource.workspace_transition === 'stop').map(addressOf))

/** Addresses of the resources whose data is lost on deletion, and whether the user's files are kept. */
export function getDeletionEffects(resources: readonly WorkspaceResource[]): {
  lostData: string[]
  keepsFiles: boolean
} {
  const persistent = persistentAddresses(resources)
  const foreign = resources.filter((resource) => !isLocalResource(resource) && !isStateOnly(resource))
  const lostData = foreign.map(addressOf).filter((address) => persistent.has(address))
  return { lostData: [...new Set(lostData)], keepsFiles: foreign.length === 0 && resources.some(isLocalResource) }
}
