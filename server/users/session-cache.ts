// Caches the user behind each API key and tracks the streams that users have open. A change of access, in this or
// another coderd, evicts the keys and ends the streams (NOTIFY); a stream also ends when its key expires. Knows no
// HTTP.

import type { Channels } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Principal } from '../policy/policy.ts'

/** The user behind an API key; may be up to 10 s stale if a notification is lost. */
export interface CachedSession {
  readonly principal: Principal
  readonly user: Row<'users'>
  readonly hashedSecret: Buffer
  /** The port of a page session; null for a key that is sufficient by itself. */
  readonly pagePort: number | null
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
}

export interface SessionCache {
  /** Returns the cached session of a key, or the result of `read`. */
  find(keyId: string, read: () => Promise<CachedSession | null>): Promise<CachedSession | null>
  /** Evicts the keys of a user, or all keys, from this process. Called after a change of its own, whose notification has
   *  not arrived yet. */
  evict(userId?: string): void
  /** Number of open streams of a user. */
  countStreams(userId: string): number
  /** Calls `end` when the user loses access. @returns a function that stops tracking */
  trackStream(principal: Principal, end: () => void): () => void
}

// Upper bound of staleness if a notification is lost although the connection stays up.
const ttlMs = 10_000
/** Number of cached keys above which the oldest is evicted. */
const maxCached = 20_000

interface Change {
  readonly user_id: string
  readonly key_id: string | null
  readonly ends: boolean
}

interface TrackedStream {
  readonly keyId: string
  readonly end: () => void
  /** Expiry of the key as last read, in milliseconds since the epoch. Use of a session extends it. */
  expiresAt: number
}

// Interval of expiry checks while PostgreSQL is unavailable.
const retryMs = 1_000
const maxTimerMs = 24 * 60 * 60_000

export async function openSessionCache(db: Db, channels: Channels): Promise<SessionCache> {
  const cached = new Map<string, { signedIn: CachedSession; until: number }>()
  const streams = new Map<string, Set<TrackedStream>>()
  /** Value of `changes` when a principal was read. */
  const readAt = new WeakMap<Principal, number>()
  const expiresAt = new WeakMap<Principal, number>()
  let nextCheck: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined
  // A session read while a change arrives may predate the change, so it is used once and not cached.
  let changes = 0

  function evict(userId?: string): void {
    changes++
    for (const [keyId, { signedIn }] of cached)
      if (userId === undefined || signedIn.user.id === userId) cached.delete(keyId)
  }

  const streamsOf = (userId: string, keyId: string | null) =>
    [...(streams.get(userId) ?? [])].filter((stream) => keyId === null || stream.keyId === keyId)

  function end(userId: string, keyId: string | null): void {
    for (const stream of streamsOf(userId, keyId)) stream.end()
  }

  function release(userId: string, stream: TrackedStream): boolean {
    const set = streams.get(userId)
    const wasTracked = set?.delete(stream) ?? false
    if (set?.size === 0) streams.delete(userId)
    return wasTracked
  }

  const allStreams = () => [...streams.values()].flatMap((set) => [...set])

  /** Notifications sent during an outage of PostgreSQL are lost, so all open streams are checked again. */
  async function recheckAll(): Promise<void> {
    evict()
    await recheck(allStreams())
  }

  /** Schedules a check of expired streams at `time` or earlier. */
  function scheduleCheck(time: number): void {
    if (nextCheck && nextCheck.at <= time) return
    clearTimeout(nextCheck?.timer)
    const timer = setTimeout(checkExpired, Math.min(Math.max(time - Date.now(), 0), maxTimerMs))
    nextCheck = { at: time, timer: timer.unref() }
  }

  async function checkExpired(): Promise<void> {
    nextCheck = undefined
    const due = allStreams().filter((stream) => stream.expiresAt <= Date.now())
    const isKnown = await recheck(due).then(
      () => true,
      () => false,
    )
    const next = Math.min(...allStreams().map((stream) => stream.expiresAt))
    if (!isKnown) scheduleCheck(Date.now() + retryMs)
    else if (Number.isFinite(next)) scheduleCheck(next)
  }

  async function recheck(unchecked: readonly TrackedStream[]): Promise<void> {
    if (unchecked.length === 0) return
    const valid = await db
      .selectFrom('api_keys')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .where('api_keys.id', 'in', [...new Set(unchecked.map(({ keyId }) => keyId))])
      .where('api_keys.expires_at', '>', new Date())
      .where('users.deleted', '=', false)
      .where('users.status', '!=', 'suspended')
      .select(['api_keys.id', 'api_keys.expires_at'])
      .execute()
    const expiries = new Map(valid.map(({ id, expires_at }) => [id, expires_at.getTime()]))
    for (const stream of unchecked) {
      const expiry = expiries.get(stream.keyId)
      if (expiry === undefined) {
        stream.end()
      } else {
        stream.expiresAt = expiry
        scheduleCheck(expiry)
      }
    }
  }

  await channels.listen('access_changed', (payload) => {
    const change = JSON.parse(payload) as Change
    evict(change.user_id)
    if (change.ends) end(change.user_id, change.key_id)
    // The expiry may be earlier now. A failure is covered by the check after the outage.
    else if (change.key_id !== null) void recheck(streamsOf(change.user_id, change.key_id)).catch(() => undefined)
  })
  channels.onReconnect(() => void recheckAll().catch(() => evict()))

  return {
    evict,
    async find(keyId, read) {
      const entry = cached.get(keyId)
      if (entry && entry.until > Date.now()) return entry.signedIn
      const before = changes
      const signedIn = await read()
      if (signedIn) {
        readAt.set(signedIn.principal, before)
        expiresAt.set(signedIn.principal, signedIn.expiresAt.getTime())
      }
      if (!signedIn || before !== changes) return signedIn
      cached.delete(keyId)
      cached.set(keyId, { signedIn, until: Date.now() + ttlMs })
      const [oldest] = cached.keys()
      if (cached.size > maxCached && oldest !== undefined) cached.delete(oldest)
      return signedIn
    },
    countStreams: (userId) => streams.get(userId)?.size ?? 0,
    trackStream(principal, endStream) {
      const { userId, keyId } = principal
      const stream: TrackedStream = {
        keyId,
        // Unknown expiry: checked immediately.
        expiresAt: expiresAt.get(principal) ?? 0,
        end() {
          if (release(userId, stream)) endStream()
        },
      }
      streams.set(userId, (streams.get(userId) ?? new Set()).add(stream))
      scheduleCheck(stream.expiresAt)
      // Access changed between authentication and now.
      if (readAt.get(principal) !== changes) void recheck([stream]).catch(() => stream.end())
      return () => void release(userId, stream)
    },
  }
}
