// Retention settings of a workspace's terminal output.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { getTerminalRetention, type TerminalRetention, updateTerminalRetention } from '../../api/agents/terminals.ts'
import { notifyFailure } from '../notices.ts'
import { client } from './client.ts'

export const retentionQuery = (workspace: string) =>
  queryOptions({
    queryKey: ['terminal-retention', workspace],
    queryFn: ({ signal }) => client.call(getTerminalRetention, { params: { workspace }, signal }),
  })

export function useChangeRetention(workspace: string) {
  const cache = useQueryClient()
  const { queryKey } = retentionQuery(workspace)
  return useMutation({
    mutationFn: (retention: TerminalRetention) =>
      client.call(updateTerminalRetention, { params: { workspace }, body: retention }),
    onSuccess: (stored) => cache.setQueryData(queryKey, stored),
    onError: (error) => notifyFailure('Could not change the retention settings', error),
  })
}
