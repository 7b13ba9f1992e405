// The page's API client and query cache. Nothing is polled: events.ts invalidates queries on events.

import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createClient } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { fetchWithProof, withPageProof } from './page-session.ts'

// Requests go to the origin of the page, authenticated by the session cookie and the proof of the page.
export const client = createClient({ baseUrl: '', send: fetchWithProof })

/** WebSocket URL of an endpoint of this origin. `path` starts with a slash. */
export const socketUrl = (path: string): string => withPageProof(location.origin.replace(/^http/, 'ws') + path)

const isSessionEnd = (error: unknown): boolean => error instanceof ApiError && error.status === 401

// No response or a server error may be temporary; a client error is not.
const isTemporary = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 0 || error.status >= 500)

const maxRetries = 3

/** @param onSessionEnd called when the server rejects the session */
export function createQueryClient(onSessionEnd: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSessionEnd(error)) onSessionEnd()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A local deployment is reachable even if the browser is offline.
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isTemporary(error) && failures < maxRetries,
        retryDelay: (failures) => Math.min(250 * 2 ** failures, 4000),
      },
      mutations: { networkMode: 'always' },
    },
  })
}
