// Build history and build timings of a workspace.

import { queryOptions } from '@tanstack/react-query'
import { getBuildTimings, listBuilds } from '../../api/workspaces/builds.ts'
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
