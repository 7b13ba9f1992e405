// Who is signed in at the moment: remembers for a little while who is behind a key, and holds the streams that people
// have open. Both end when PostgreSQL tells that somebody's access changed, in this coderd or another, and a stream also
// when its key expires. Knows no HTTP.

import type { Channels } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Principal } from '../policy/policy.ts'

/** Whoever a key signs in, as of a moment ago. */
export interface SignedIn {
  readonly principal: Principal
  readonly user: Row<'users'>
  readonly hashedSecret: Buffer
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
}

export interface SessionCache {
  /** Who is behind a key: remembered, or else what `read` finds. */
  find(keyId: string, read: () => Promise<SignedIn | null>): Promise<SignedIn | null>
  /** Forgets at once what this process remembers: for a change it made itself, whose notification is still on its way.
   *  Without a user, of everybody. */
  forget(userId?: string): void
  /** Holds a stream of a user's until `end` is called or the returned function is. */
  trackStream(principal: Principal, end: () => void): () => void
}

// How long something would be wrong if a notification got lost without the connection breaking.
const rememberMs = 10_000
/** More keys than that in ten seconds, and the oldest are read again. */
const maxRemembered = 20_000

interface Change {
  readonly user_id: string
  readonly key_id: string | null
  readonly ends: boolean
}

interface Held {
  readonly keyId: string
  readonly end: () => void
  /** When the key was to expire, as last read: a session slides on with its use. Milliseconds since the epoch. */
  expiresAt: number
}

// How soon expiry is looked at again while PostgreSQL is away; well below what a timer takes.
const againMs = 1_000
const longestTimerMs = 24 * 60 * 60_000

export async function openAccess(db: Db, channels: Channels): Promise<SessionCache> {
  const remembered = new Map<string, { signedIn: SignedIn; until: number }>()
  const streams = new Map<string, Set<Held>>()
  /** How many changes had been told when a principal was read. */
  const readAt = new WeakMap<Principal, number>()
  const expiresAt = new WeakMap<Principal, number>()
  let nextLook: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined
  // What is read while something changes may be from before the change: it is used once and not remembered.
  let changes = 0

  function forget(userId?: string): void {
    changes++
    for (const [keyId, { signedIn }] of remembered)
      if (userId === undefined || signedIn.user.id === userId) remembered.delete(keyId)
  }

  const heldBy = (userId: string, keyId: string | null) =>
    [...(streams.get(userId) ?? [])].filter((held) => keyId === null || held.keyId === keyId)

  function end(userId: string, keyId: string | null): void {
    for (const held of heldBy(userId, keyId)) held.end()
  }

  function release(userId: string, held: Held): boolean {
    const set = streams.get(userId)
    const wasHeld = set?.delete(held) ?? false
    if (set?.size === 0) streams.delete(userId)
    return wasHeld
  }

  const allHeld = () => [...streams.values()].flatMap((set) => [...set])

  /** After PostgreSQL was away nobody knows what was told meanwhile: whoever has streams open is looked at again. */
  async function recheckAll(): Promise<void> {
    forget()
    await recheck(allHeld())
  }

  /** Looks again at streams whose keys have expired, no later than at that time. */
  function lookAt(time: number): void {
    if (nextLook && nextLook.at <= time) return
    clearTimeout(nextLook?.timer)
    const timer = setTimeout(look, Math.min(Math.max(time - Date.now(), 0), longestTimerMs))
    nextLook = { at: time, timer: timer.unref() }
  }

  async function look(): Promise<void> {
    nextLook = undefined
    const due = allHeld().filter((held) => held.expiresAt <= Date.now())
    const isKnown = await recheck(due).then(
      () => true,
      () => false,
    )
    const next = Math.min(...allHeld().map((held) => held.expiresAt))
    if (!isKnown) lookAt(Date.now() + againMs)
    else if (Number.isFinite(next)) lookAt(next)
  }

  async function recheck(held: readonly Held[]): Promise<void> {
    if (held.length === 0) return
    const valid = await db
      .selectFrom('api_keys')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .where('api_keys.id', 'in', [...new Set(held.map(({ keyId }) => keyId))])
      .where('api_keys.expires_at', '>', new Date())
      .where('users.deleted', '=', false)
      .where('users.status', '!=', 'suspended')
      .select(['api_keys.id', 'api_keys.expires_at'])
      .execute()
    const expiries = new Map(valid.map(({ id, expires_at }) => [id, expires_at.getTime()]))
    for (const stream of held) {
      const expiry = expiries.get(stream.keyId)
      if (expiry === undefined) {
        stream.end()
      } else {
        stream.expiresAt = expiry
        lookAt(expiry)
      }
    }
  }

  await channels.listen('access_changed', (payload) => {
    const change = JSON.parse(payload) as Change
    forget(change.user_id)
    if (change.ends) end(change.user_id, change.key_id)
    // Its end may have been put forward. After an outage everybody is looked at again.
    else if (change.key_id !== null) void recheck(heldBy(change.user_id, change.key_id)).catch(() => undefined)
  })
  channels.onReconnect(() => void recheckAll().catch(() => forget()))

  return {
    forget,
    async find(keyId, read) {
      const known = remembered.get(keyId)
      if (known && known.until > Date.now()) return known.signedIn
      const before = changes
      const signedIn = await read()
      if (signedIn) {
        readAt.set(signedIn.principal, before)
        expiresAt.set(signedIn.principal, signedIn.expiresAt.getTime())
      }
      if (!signedIn || before !== changes) return signedIn
      remembered.delete(keyId)
      remembered.set(keyId, { signedIn, until: Date.now() + rememberMs })
      const [oldest] = remembered.keys()
      if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest)
      return signedIn
    },
    trackStream(principal, endStream) {
      const { userId, keyId } = principal
      const held: Held = {
        keyId,
        // Of whom nothing is known yet, that is found out now.
        expiresAt: expiresAt.get(principal) ?? 0,
        end() {
          if (release(userId, held)) endStream()
        },
      }
      streams.set(userId, (streams.get(userId) ?? new Set()).add(held))
      lookAt(held.expiresAt)
      // Somebody's access changed between the question who asks and now.
      if (readAt.get(principal) !== changes) void recheck([held]).catch(() => held.end())
      return () => void release(userId, held)
    },
  }
}
