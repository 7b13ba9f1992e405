// Changes to a workspace that need no build: name, automatic updates, schedule, dormancy, favorite and shares.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { listGroupsOfOrganization } from '../../api/organizations/groups.ts'
import { listMembers } from '../../api/organizations/members.ts'
import { addFavorite, removeFavorite } from '../../api/workspaces/favorites.ts'
import {
  extendWorkspace,
  updateWorkspaceAutomaticUpdates,
  updateWorkspaceAutostart,
  updateWorkspaceDormancy,
  updateWorkspaceTtl,
} from '../../api/workspaces/workspace-schedules.ts'
import { getWorkspaceAcl, type UpdateWorkspaceACL, updateWorkspaceAcl } from '../../api/workspaces/workspace-sharing.ts'
import { type AutomaticUpdates, updateWorkspace, type Workspace } from '../../api/workspaces/workspaces.ts'
import { notifyFailure } from '../notices.ts'
import { client } from './client.ts'
import { useRefreshWorkspaces, workspaceQuery } from './workspaces.ts'

/** The change is shown immediately and reverted if it fails. */
interface WorkspaceChange<Value> {
  readonly what: string
  readonly send: (workspace: Workspace, value: Value) => Promise<unknown>
  readonly apply: (value: Value) => Partial<Workspace>
}

function useWorkspaceChange<Value>({ what, send, apply }: WorkspaceChange<Value>) {
  const cache = useQueryClient()
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: ({ workspace, value }: { workspace: Workspace; value: Value }) => send(workspace, value),
    onMutate: ({ workspace, value }) =>
      cache.setQueryData(workspaceQuery(workspace.owner_name, workspace.name).queryKey, (before) =>
        before ? { ...before, ...apply(value) } : before,
      ),
    onSettled: refresh,
    onError: (error, { workspace }) => notifyFailure(`Could not change ${what} of ${workspace.name}`, error),
  })
}

const paramsOf = (workspace: Workspace) => ({ workspace: workspace.id })

export const useSetAutomaticUpdates = () =>
  useWorkspaceChange<AutomaticUpdates>({
    what: 'the automatic updates',
    send: (workspace, value) =>
      client.call(updateWorkspaceAutomaticUpdates, {
        params: paramsOf(workspace),
        body: { automatic_updates: value },
      }),
    apply: (value) => ({ automatic_updates: value }),
  })

export const useSetFavorite = () =>
  useWorkspaceChange<boolean>({
    what: 'the favorite mark',
    send: (workspace, isFavorite) =>
      client.call(isFavorite ? addFavorite : removeFavorite, { params: paramsOf(workspace) }),
    apply: (favorite) => ({ favorite }),
  })

/** An empty schedule turns autostart off. */
export const useSetAutostart = () =>
  useWorkspaceChange<string>({
    what: 'the autostart',
    send: (workspace, schedule) =>
      client.call(updateWorkspaceAutostart, { params: paramsOf(workspace), body: { schedule } }),
    apply: (schedule) => ({ autostart_schedule: schedule }),
  })

/** Without a value the workspace is not stopped automatically. */
export const useSetTtl = () =>
  useWorkspaceChange<number | null>({
    what: 'the autostop',
    send: (workspace, ttl) => client.call(updateWorkspaceTtl, { params: paramsOf(workspace), body: { ttl_ms: ttl } }),
    apply: (ttl) => ({ ttl_ms: ttl ?? 0 }),
  })

export const useExtend = () =>
  useWorkspaceChange<Date>({
    what: 'the deadline',
    send: (workspace, deadline) =>
      client.call(extendWorkspace, { params: paramsOf(workspace), body: { deadline: deadline.toISOString() } }),
    apply: () => ({}),
  })

export const useSetDormant = () =>
  useWorkspaceChange<boolean>({
    what: 'the dormancy',
    send: (workspace, dormant) =>
      client.call(updateWorkspaceDormancy, { params: paramsOf(workspace), body: { dormant } }),
    apply: (dormant) => ({ dormant_at: dormant ? new Date().toISOString() : null }),
  })

/** Errors belong to the name field. */
export function useRenameWorkspace() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: ({ workspace, name }: { workspace: Workspace; name: string }) =>
      client.call(updateWorkspace, { params: paramsOf(workspace), body: { name } }),
    onSuccess: refresh,
  })
}

export const sharesQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['workspace', 'shares', workspaceId],
    queryFn: ({ signal }) => client.call(getWorkspaceAcl, { params: { workspace: workspaceId }, signal }),
  })

export function useChangeShares() {
  const refresh = useRefreshWorkspaces()
  return useMutation({
    mutationFn: ({ workspace, body }: { workspace: Workspace; body: UpdateWorkspaceACL }) =>
      client.call(updateWorkspaceAcl, { params: paramsOf(workspace), body }),
    onSettled: refresh,
    onError: (error, { workspace }) => notifyFailure(`Could not share ${workspace.name}`, error),
  })
}

export const membersQuery = (organization: string) =>
  queryOptions({
    queryKey: ['members', organization],
    queryFn: ({ signal }) => client.call(listMembers, { params: { organization }, signal }),
  })

export const groupsQuery = (organization: string) =>
  queryOptions({
    queryKey: ['groups', organization],
    queryFn: ({ signal }) => client.call(listGroupsOfOrganization, { params: { organization }, signal }),
  })
