// The limit of open streams per user, so that one account cannot exhaust the sockets of coderd.

import { ApiError } from '../../api/errors.ts'
import type { Principal } from '../policy/policy.ts'
import type { SessionCache } from '../users/session-cache.ts'

/** WebSockets, event streams and downloads of a user that are open at the same time. */
export const maxStreamsPerUser = 1_000

/** @throws ApiError 429 if the user has too many open streams */
export function assertStreamAvailable(sessions: SessionCache, { userId }: Principal): void {
  if (sessions.countStreams(userId) < maxStreamsPerUser) return
  throw new ApiError(429, 'You have too many open connections.', {
    detail: `The limit is ${maxStreamsPerUser} terminals, watches and downloads per user. Close some and try again.`,
  })
}
