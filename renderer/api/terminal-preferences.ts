// How the person wants terminals, as coderd keeps it for all of their windows.

import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import {
  defaultTerminalPreferences,
  getTerminalPreferences,
  type TerminalPreferences,
  updateTerminalPreferences,
} from '../../api/terminals.ts'
import { tellFailure } from '../components/notices.tsx'
import { client } from './client.ts'

const params = { user: 'me' }

export const preferencesQuery = queryOptions({
  queryKey: ['terminal-preferences'],
  queryFn: ({ signal }) => client.call(getTerminalPreferences, { params, signal }),
})

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
    onSuccess: (all) => cache.setQueryData(queryKey, all),
    onError(error, _changed, context) {
      if (context?.before) cache.setQueryData(queryKey, context.before)
      tellFailure('The setting could not be kept', error)
    },
  })
}
