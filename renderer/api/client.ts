// The one client and the one cache of the page. Nothing is fetched on a timer: watch.ts says what has changed.

import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createClient } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'

// The page's own origin: its cookie speaks for it.
export const client = createClient({ baseUrl: '' })

/** The address of an upgrade endpoint of this origin. `path` begins with a slash. */
export const socketUrl = (path: string): string => location.origin.replace(/^http/, 'ws') + path

const isSessionEnd = (error: unknown): boolean => error instanceof ApiError && error.status === 401

// No answer, a gateway's or a server's passing trouble; what a client did wrong stays wrong.
const isPassing = (error: unknown): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 500)

const maxRetries = 3

/** `onSessionEnd` is called when the server no longer knows the session. */
export function createQueryClient(onSessionEnd: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSessionEnd(error)) onSessionEnd()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The deployment is mostly on this computer: reachable however offline the browser believes to be.
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isPassing(error) && failures < maxRetries,
        retryDelay: (failures) => Math.min(250 * 2 ** failures, 4000),
      },
      mutations: { networkMode: 'always' },
    },
  })
}
