// Workspaces and the mutations that create and build them.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiError } from '../../api/errors.ts'
import {
  cancelBuild,
  createBuild,
  type WorkspaceBuildParameter,
  type WorkspaceTransition,
} from '../../api/workspaces/builds.ts'
import {
  type CreateWorkspaceRequest,
  createWorkspace,
  getWorkspace,
  getWorkspaceByName,
  listWorkspaces,
  type Workspace,
} from '../../api/workspaces/workspaces.ts'
import { notifyFailure } from '../notices.ts'
import { agentsOf } from './agents.ts'
import { client } from './client.ts'
import { waitForBuild } from './log-stream.ts'

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
    // A workspace that was shown once is followed through a rename; the page then changes its address.
    queryFn: async ({ signal, client: cache, queryKey }) => {
      const known = cache.getQueryData<Workspace>(queryKey)
      const renamed =
        known && (await client.call(getWorkspace, { params: { workspace: known.id }, signal }).catch(noneIfDeleted))
      return renamed ?? client.call(getWorkspaceByName, { params: { user: owner, workspacename: name }, signal })
    },
    refetchInterval: ({ state }) => agentTimeoutDelay(state.data && [state.data]),
  })

function noneIfDeleted(error: unknown): undefined {
  if (error instanceof ApiError && [404, 410].includes(error.status)) return
  throw error
}

/** Invalidates all queries about workspaces. */
export function useRefreshWorkspaces(): () => Promise<unknown> {
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
  /** Changed parameters. Others keep their values. */
  values?: readonly WorkspaceBuildParameter[]
  /** Debug output of the provisioner in the build log. */
  isDebug?: boolean
}

const verbs: Record<WorkspaceTransition, string> = { start: 'start', stop: 'stop', delete: 'delete' }

/** Starts, stops or deletes a workspace. A failure shows a notice. */
export function useCreateBuild() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: requestBuild,
    onSuccess: refresh,
    onError: (error, { workspace, transition }) =>
      notifyFailure(`Could not ${verbs[transition]} ${workspace.name}`, error),
  })
}

const requestBuild = ({ workspace, transition, versionId, values, isDebug }: BuildRequest) =>
  client.call(createBuild, {
    params: { workspace: workspace.id },
    body: {
      transition,
      reason: 'dashboard',
      ...(versionId && { template_version_id: versionId }),
      ...(values && { rich_parameter_values: [...values] }),
      ...(isDebug && { log_level: 'debug' }),
    },
  })

/** Starts a workspace with the active version of its template. Errors are left to the caller. */
export function useUpdateWorkspace() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: (workspace: Workspace) =>
      requestBuild({ workspace, transition: 'start', versionId: workspace.template_active_version_id }),
    onSuccess: refresh,
  })
}

/** Stops a workspace if it is running, and starts it. Errors are left to the caller. */
export function useRestartWorkspace() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: async ({ workspace, ...start }: Omit<BuildRequest, 'transition'>) => {
      if (workspace.latest_build.status === 'running') {
        const stop = await requestBuild({ workspace, transition: 'stop' })
        void refresh()
        const { job } = await waitForBuild(stop.id)
        if (job.status !== 'succeeded') throw new ApiError(0, `The stop ${job.status}.`, { detail: job.error ?? '' })
      }
      return requestBuild({ workspace, transition: 'start', ...start })
    },
    onSettled: refresh,
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
