// Resources that persist while a workspace is stopped, and those whose data is lost on deletion.

import type { WorkspaceResource } from '../../api/workspaces/builds.ts'

export const addressOf = (resource: WorkspaceResource): string => `${resource.type}.${resource.name}`

// A process on this computer or a folder of the user: deletion keeps the files.
const isOfThisComputer = (resource: WorkspaceResource): boolean => resource.type.startsWith('host_')

// Resources that exist only in the Terraform state.
const isStateOnly = (resource: WorkspaceResource): boolean => /^(terraform|coder)_/.test(resource.type)

/** Addresses of a template version's resources that persist while the workspace is stopped. */
export const persistentAddresses = (resources: readonly WorkspaceResource[]): ReadonlySet<string> =>
  new Set(resources.filter((resource) => resource.workspace_transition === 'stop').map(addressOf))

/** Addresses of the resources whose data is lost on deletion, and whether the user's files are kept. */
export function persistentParts(resources: readonly WorkspaceResource[]): { data: string[]; files: boolean } {
  const persistent = persistentAddresses(resources)
  const foreign = resources.filter((resource) => !isOfThisComputer(resource) && !isStateOnly(resource))
  const data = foreign.map(addressOf).filter((address) => persistent.has(address))
  return { data: [...new Set(data)], files: foreign.length === 0 && resources.some(isOfThisComputer) }
}
