// Workspaces and the mutations that create and build them.

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

/** Delay until an agent's connection timeout, which causes no event and therefore needs a refetch. */
function agentTimeoutDelay(workspaces: readonly Workspace[] = []): number | false {
  const timeoutAt = workspaces
    .flatMap((workspace) => agentsOf(workspace.latest_build))
    .filter(({ status, connection_timeout_seconds: seconds }) => status === 'connecting' && seconds > 0)
    .map(({ created_at, connection_timeout_seconds: seconds }) => Date.parse(created_at) + seconds * 1000)
  return timeoutAt.length > 0 && Math.max(clockToleranceMs, Math.min(...timeoutAt) - Date.now() + clockToleranceMs)
}

// Tolerates a difference between the clocks of the page and coderd.
const clockToleranceMs = 1000

export const workspacesQuery = queryOptions({
  queryKey: ['workspaces'],
  queryFn: async ({ signal }) => (await client.call(listWorkspaces, { query: { q: 'owner:me' }, signal })).workspaces,
  refetchInterval: ({ state }) => agentTimeoutDelay(state.data),
})

export const workspaceQuery = (owner: string, name: string) =>
  queryOptions({
    queryKey: ['workspace', owner, name],
    queryFn: ({ signal }) => client.call(getWorkspaceByName, { params: { user: owner, workspacename: name }, signal }),
    refetchInterval: ({ state }) => agentTimeoutDelay(state.data && [state.data]),
  })

/** Invalidates all queries about workspaces. */
function useRefreshWorkspaces(): () => Promise<unknown> {
  const cache = useQueryClient()
  return () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: ['workspaces'] }),
      cache.invalidateQueries({ queryKey: ['workspace'] }),
      cache.invalidateQueries({ queryKey: ['builds'] }),
    ])
}

/** Caches the created workspace, so that its page appears without a request. */
export function useCreateWorkspace() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: CreateWorkspaceRequest) => client.call(createWorkspace, { params: { user: 'me' }, body }),
    onSuccess: (workspace) => {
      cache.setQueryData(workspaceQuery(workspace.owner_name, workspace.name).queryKey, workspace)
      // Refetched when the list is next shown: the page of the new workspace follows first.
      void cache.invalidateQueries({ queryKey: ['workspaces'], refetchType: 'none' })
    },
  })
}

interface BuildRequest {
  workspace: Workspace
  transition: WorkspaceTransition
  /** Template version; that of the latest build by default. */
  versionId?: string
}

const verbs: Record<WorkspaceTransition, string> = { start: 'start', stop: 'stop', delete: 'delete' }

/** Starts, stops or deletes a workspace. A failure shows a notice. */
export function useCreateBuild() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: ({ workspace, transition, versionId }: BuildRequest) =>
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
