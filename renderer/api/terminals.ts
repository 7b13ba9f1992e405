// Terminal sessions held by agents.

import { queryOptions } from '@tanstack/react-query'
import { listTerminals } from '../../api/agents/terminals.ts'
import type { ResponseOf } from '../../api/endpoint.ts'
import { client } from './client.ts'

export type TerminalSession = ResponseOf<typeof listTerminals>['terminals'][number]

/** Oldest first, like their tabs. Sessions cause no events, so the list is refetched on each use. */
export const terminalsQuery = (agentId: string) =>
  queryOptions({
    queryKey: ['terminals', agentId],
    staleTime: 2000,
    refetchOnWindowFocus: true,
    queryFn: async ({ signal }) => {
      const { terminals } = await client.call(listTerminals, { params: { workspaceagent: agentId }, signal })
      return terminals.sort((a, b) => a.created_at.localeCompare(b.created_at))
    },
  })
