// Workspaces and the builds that are asked for them.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { cancelBuild, createBuild, type WorkspaceTransition } from '../../api/workspaces/builds.ts'
import {
  type CreateWorkspaceRequest,
  createWorkspace,
  getWorkspaceByName,
  listWorkspaces,
  type Workspace,
} from '../../api/workspaces/workspaces.ts'
import { notifyFailure } from '../notices.ts'
import { agentsOf } from './agents.ts'
import { client } from './client.ts'

/** That the time of an agent to connect has run out is no event: asked for when it has. */
function untilAgentsAreLate(workspaces: readonly Workspace[] = []): number | false {
  const lateAt = workspaces
    .flatMap((workspace) => agentsOf(workspace.latest_build))
    .filter(({ status, connection_timeout_seconds: seconds }) => status === 'connecting' && seconds > 0)
    .map(({ created_at, connection_timeout_seconds: seconds }) => Date.parse(created_at) + seconds * 1000)
  return lateAt.length > 0 && Math.max(leastWaitMs, Math.min(...lateAt) - Date.now() + leastWaitMs)
}

// The clocks of the page and of coderd may differ.
const leastWaitMs = 1000

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: async ({ signal }) => (await client.call(listWorkspaces, { query: { q: 'owner:me' }, signal })).workspaces,
  refetchInterval: ({ state }) => untilAgentsAreLate(state.data),
})

export const workspaceQuery = (owner: string, name: string) =>
  queryOptions({
    queryKey: ['workspace', owner, name],
    queryFn: ({ signal }) => client.call(getWorkspaceByName, { params: { user: owner, workspacename: name }, signal }),
    refetchInterval: ({ state }) => untilAgentsAreLate(state.data && [state.data]),
  })

/** Takes what is shown of workspaces as stale. */
function useRefreshWorkspaces(): () => Promise<unknown> {
  const cache = useQueryClient()
  return () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: ['workspaces'] }),
      cache.invalidateQueries({ queryKey: ['workspace'] }),
      cache.invalidateQueries({ queryKey: ['builds'] }),
    ])
}

/** The page of what was made needs nothing more to be shown. */
export function useCreateWorkspace() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateWorkspaceRequest) => client.call(createWorkspace, { params: { user: 'me' }, body }),
    onSuccess: (workspace) => {
      cache.setQueryData(workspaceQuery(workspace.owner_name, workspace.name).queryKey, workspace)
      // Not waited for: the list is not what is looked at next.
      void cache.invalidateQueries({ queryKey: ['workspaces'], refetchType: 'none' })
    },
  })
}

interface BuildWish {
  workspace: Workspace
  transition: WorkspaceTransition
  /** Another version than the one of the last build. */
  versionId?: string
}

const verbs: Record<WorkspaceTransition, string> = { start: 'start', stop: 'stop', delete: 'delete' }

/** Asks for a start, a stop or the deletion of a workspace. A refusal is told. */
export function useBuild() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: ({ workspace, transition, versionId }: BuildWish) =>
      client.call(createBuild, {
        params: { workspace: workspace.id },
        body: { transition, reason: 'dashboard', ...(versionId ? { template_version_id: versionId } : {}) },
      }),
    onSuccess: refresh,
    onError: (error, { workspace, transition }) =>
      notifyFailure(`Could not ${verbs[transition]} ${workspace.name}`, error),
  })
}

export function useCancelBuild() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: (workspace: Workspace) =>
      client.call(cancelBuild, { params: { workspacebuild: workspace.latest_build.id } }),
    onSuccess: refresh,
    onError: (error, workspace) => notifyFailure(`Could not cancel the build of ${workspace.name}`, error),
  })
}
