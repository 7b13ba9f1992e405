// Build history and build timings of a workspace.

import { queryOptions } from '@tanstack/react-query'
import { getBuildByNumber, getBuildParameters, getBuildTimings, listBuilds } from '../../api/workspaces/builds.ts'
import { client } from './client.ts'

export const buildsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ['builds', workspaceId],
    queryFn: ({ signal }) =>
      client.call(listBuilds, { params: { workspace: workspaceId }, query: { limit: 100 }, signal }),
  })

export const buildTimingsQuery = (workspaceId: string, buildId: string) =>
  queryOptions({
    queryKey: ['builds', workspaceId, buildId, 'timings'],
    queryFn: ({ signal }) => client.call(getBuildTimings, { params: { workspacebuild: buildId }, signal }),
  })

export const buildQuery = (workspaceId: string, owner: string, name: string, number: string) =>
  queryOptions({
    queryKey: ['builds', workspaceId, 'number', number],
    queryFn: ({ signal }) =>
      client.call(getBuildByNumber, {
        params: { user: owner, workspacename: name, buildnumber: Number(number) },
        signal,
      }),
  })

// The values of a build never change.
export const buildParametersQuery = (buildId: string) =>
  queryOptions({
    queryKey: ['build-parameters', buildId],
    queryFn: ({ signal }) => client.call(getBuildParameters, { params: { workspacebuild: buildId }, signal }),
  })
