// What of a workspace outlives a stop, and what of that goes when it is deleted.

import type { WorkspaceResource } from '../../api/workspaces/builds.ts'

export const addressOf = (resource: WorkspaceResource): string => `${resource.type}.${resource.name}`

// A process on this computer, or a folder that is the person's own: deleting it leaves files alone.
const isOfThisComputer = (resource: WorkspaceResource): boolean => resource.type.startsWith('host_')

// What lives in the state only.
const holdsNothing = (resource: WorkspaceResource): boolean => /^(terraform|coder)_/.test(resource.type)

/** From the resources of a template version: those that are there while stopped outlive a stop. */
export const persistentAddresses = (resources: readonly WorkspaceResource[]): ReadonlySet<string> =>
  new Set(resources.filter((resource) => resource.workspace_transition === 'stop').map(addressOf))

/** The addresses of what keeps data and would go, and whether the files worked on are the person's own and stay. */
export function persistentParts(resources: readonly WorkspaceResource[]): { data: string[]; files: boolean } {
  const persistent = persistentAddresses(resources)
  const foreign = resources.filter((resource) => !isOfThisComputer(resource) && !holdsNothing(resource))
  const data = foreign.map(addressOf).filter((address) => persistent.has(address))
  return { data: [...new Set(data)], files: foreign.length === 0 && resources.some(isOfThisComputer) }
}
