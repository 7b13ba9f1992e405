// The user's command history across terminals.

import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query'
import { deleteCommands, searchCommands } from '../../api/agents/terminals.ts'
import { client } from './client.ts'

const pageSize = 100
const refetchIntervalMs = 2_000

/** Newest first, in pages. Previous results stay visible while a new search is running. */
export const commandsQuery = (words: string) =>
  infiniteQueryOptions({
    queryKey: ['commands', words],
    staleTime: 0,
    // Recently finished commands may not have arrived from their agent yet.
    refetchInterval: refetchIntervalMs,
    placeholderData: keepPreviousData,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      client.call(searchCommands, {
        query: { limit: pageSize, ...(words ? { q: words } : {}), ...(pageParam ? { before: pageParam } : {}) },
        signal,
      }),
    getNextPageParam: ({ next }) => next ?? undefined,
  })

export const deleteCommand = (id: string) => client.call(deleteCommands, { query: { id } })

/** Deletes the whole history, or that of one workspace. */
export const deleteAllCommands = (workspace?: string) =>
  client.call(deleteCommands, { query: workspace ? { workspace } : {} })
