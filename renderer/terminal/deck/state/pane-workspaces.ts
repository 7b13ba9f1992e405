// The workspaces of the panes in a layout. The user's own are in the list of workspaces; others are fetched one by one.

import { useQueries, useQuery } from '@tanstack/react-query'
import { ApiError } from '../../../../api/errors.ts'
import { getWorkspace, type Workspace } from '../../../../api/workspaces/workspaces.ts'
import { client } from '../../../api/client.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'

/** By id. Null if the workspace is deleted or not accessible; no entry while it is loading. */
export type PaneWorkspaces = ReadonlyMap<string, Workspace | null>

export function usePaneWorkspaces(ids: readonly string[]): PaneWorkspaces {
  const { data: own } = useQuery(workspacesQuery)
  const others = own ? [...new Set(ids)].filter((id) => !own.some((workspace) => workspace.id === id)) : []
  return useQueries({
    queries: others.map((id) => ({
      queryKey: ['workspace', id],
      queryFn: ({ signal }: { signal: AbortSignal }) => findWorkspace(id, signal),
    })),
    combine: (results) =>
      new Map<string, Workspace | null>([
        ...(own ?? []).map((workspace) => [workspace.id, workspace] as const),
        ...results.flatMap(({ data }, index) => (data === undefined ? [] : [[others[index] ?? '', data] as const])),
      ]),
  })
}

async function findWorkspace(id: string, signal: AbortSignal): Promise<Workspace | null> {
  try {
    return await client.call(getWorkspace, { params: { workspace: id }, query: {}, signal })
  } catch (error) {
    if (error instanceof ApiError && [404, 410].includes(error.status)) return null
    throw error
  }
}
