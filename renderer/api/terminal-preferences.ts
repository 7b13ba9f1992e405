// The user's terminal preferences, stored by coderd for all windows.

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

/** Refetches the preferences after a change in another window. */
export function followOtherWindows(cache: QueryClient): void {
  otherWindows.addEventListener('message', () => void cache.invalidateQueries({ queryKey: preferencesQuery.queryKey }))
}

/** The user's preferences; the defaults until they are loaded. */
export const useTerminalPreferences = (): TerminalPreferences =>
  useQuery(preferencesQuery).data ?? defaultTerminalPreferences

/** Changes some preferences optimistically; a failure reverts them and shows a notice. */
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
      notifyFailure('Could not save the setting', error)
    },
  })
}
