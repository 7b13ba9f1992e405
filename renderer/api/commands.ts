// The history of the commands that ran in one's terminals.

import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { forgetCommands, searchCommands } from '../../api/agents/terminals.ts'
import { client } from './client.ts'

const pageSize = 100
const refetchEveryMs = 2_000

/** Newest first, a page at a time. What was found before stays while the next words are looked for. */
export const commandsQuery = (words: string) =>
  infiniteQueryOptions({
    queryKey: ['commands', words],
    staleTime: 0,
    // What ended a moment ago is on its way from its agent.
    refetchInterval: refetchEveryMs,
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      client.call(searchCommands, {
        query: { limit: pageSize, ...(words ? { q: words } : {}), ...(pageParam ? { before: pageParam } : {}) },
        signal,
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const forgetCommand = (id: string) => client.call(forgetCommands, { query: { id } })

/** All of them, or those of one workspace. */
export const forgetAllCommands = (workspace?: string) =>
  client.call(forgetCommands, { query: workspace ? { workspace } : {} })
