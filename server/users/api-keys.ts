// API keys and launch codes: creation, storage and verification. Only hashes are stored. A key is
// `<id>-<secret>`: the ID selects the row, the secret is verified against its hash.

import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import type { Db } from '../database/connect.ts'
import type { StoredLoginType } from '../database/schema.ts'
import type { KeyLimits } from '../policy/scopes.ts'

const idLength = 10
const secretLength = 22
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const keyForm = /^([0-9A-Za-z]{10})-([0-9A-Za-z]{22})$/

function randomText(length: number): string {
  return Array.from({ length }, () => base62[randomInt(base62.length)]).join('')
}

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

export function matchesSecret(hashed: Buffer, secret: string): boolean {
  const candidate = hashSecret(secret)
  return hashed.length === candidate.length && timingSafeEqual(hashed, candidate)
}

/** Splits a key into its parts; null if malformed. */
export function parseKey(key: string): { id: string; secret: string } | null {
  const match = keyForm.exec(key)
  return match?.[1] && match[2] ? { id: match[1], secret: match[2] } : null
}

export interface NewKey {
  readonly userId: string
  readonly loginType: StoredLoginType
  readonly lifetimeSeconds: number
  readonly ip: string
  /** Name of a token; sessions have none. */
  readonly tokenName?: string
  readonly limits?: KeyLimits
  /** For a session of a page of the dashboard (page-sessions.ts). */
  readonly pagePort?: number
}

/** Creates a key and returns it. The secret cannot be retrieved later. */
export async function createKey(db: Db, key: NewKey): Promise<string> {
  const [id, secret] = [randomText(idLength), randomText(secretLength)]
  await db
    .insertInto('api_keys')
    .values({
      id,
      hashed_secret: hashSecret(secret),
      user_id: key.userId,
      login_type: key.loginType,
      token_name: key.tokenName ?? '',
      ...(key.limits ? { scopes: [...key.limits.scopes], allow_list: JSON.stringify(key.limits.allowList) } : {}),
      lifetime_seconds: key.lifetimeSeconds,
      page_port: key.pagePort ?? null,
      ip_address: key.ip,
      expires_at: new Date(Date.now() + key.lifetimeSeconds * 1000),
      // A sign-in counts as use; a new token is unused.
      last_used_at: key.loginType === 'token' ? null : new Date(),
    })
    .execute()
  return `${id}-${secret}`
}

/** Allows a slow browser start, but expires before the URL in a history can be misused. */
const launchCodeLifetimeMs = 5 * 60_000

/** Creates a single-use sign-in code. Without a user it signs in the owner, which is created if missing. */
export async function createLaunchCode(db: Db, userId: string | null): Promise<{ code: string; expiresAt: Date }> {
  const code = randomText(32)
  const expiresAt = new Date(Date.now() + launchCodeLifetimeMs)
  await db
    .deleteFrom('launch_codes')
    .where('expires_at', '<', new Date(Date.now() - launchCodeLifetimeMs))
    .execute()
  await db
    .insertInto('launch_codes')
    .values({ hashed_code: hashSecret(code), user_id: userId, expires_at: expiresAt })
    .execute()
  return { code, expiresAt }
}

/** The user that an unused code signs in: null for the owner. Undefined if the code is unknown, used or expired. */
export async function findUserOfLaunchCode(db: Db, code: string): Promise<string | null | undefined> {
  const found = await db
    .selectFrom('launch_codes')
    .where('hashed_code', '=', hashSecret(code))
    .where('used_at', 'is', null)
    .where('expires_at', '>', new Date())
    .select('user_id')
    .executeTakeFirst()
  return found?.user_id
}

/** Consumes a code. Returns null if it is unknown, used or expired, without distinction. */
export async function takeLaunchCode(db: Db, code: string): Promise<{ userId: string | null } | null> {
  const taken = await db
    .updateTable('launch_codes')
    .set({ used_at: new Date() })
    .where('hashed_code', '=', hashSecret(code))
    .where('used_at', 'is', null)
    .where('expires_at', '>', new Date())
    .returning('user_id')
    .executeTakeFirst()
  return taken ? { userId: taken.user_id } : null
}
