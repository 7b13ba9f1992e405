// How the person wants terminals, as coderd keeps it for all of their windows.

import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  defaultTerminalPreferences,
  getTerminalPreferences,
  type TerminalPreferences,
  updateTerminalPreferences,
} from '../../api/agents/terminals.ts'
import { notifyFailure } from '../notices.ts'
import { client } from './client.ts'

const params = { user: 'me' }

export const preferencesQuery = queryOptions({
  queryKey: ['terminal-preferences'],
  queryFn: ({ signal }) => client.call(getTerminalPreferences, { params, signal }),
})

const otherWindows = new BroadcastChannel('terminal-preferences')

/** Reads them again when they were changed in another window. */
export function followOtherWindows(cache: QueryClient): void {
  otherWindows.addEventListener('message', () => void cache.invalidateQueries({ queryKey: preferencesQuery.queryKey }))
}

/** The defaults until the person's own have been read. */
export const useTerminalPreferences = (): TerminalPreferences =>
  useQuery(preferencesQuery).data ?? defaultTerminalPreferences

/** Changes some of them. Shown at once; taken back, and told, when it could not be kept. */
export function useChangePreferences() {
  const cache = useQueryClient()
  const { queryKey } = preferencesQuery
  return useMutation({
    mutationFn: (changed: Partial<TerminalPreferences>) =>
      client.call(updateTerminalPreferences, { params, body: changed }),
    async onMutate(changed) {
      await cache.cancelQueries({ queryKey })
      const before = cache.getQueryData(queryKey)
      if (before) cache.setQueryData(queryKey, { ...before, ...changed })
      return { before }
    },
    onSuccess(all) {
      cache.setQueryData(queryKey, all)
      otherWindows.postMessage('changed')
    },
    onError(error, _changed, context) {
      if (context?.before) cache.setQueryData(queryKey, context.before)
      notifyFailure('The setting could not be kept', error)
    },
  })
}
