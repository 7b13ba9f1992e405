// Random secrets that all coderd processes on a database share: one per name, created on first use.

import { randomBytes } from 'node:crypto'
import type { Db } from './connect.ts'

const cached = new WeakMap<Db, Map<string, Promise<string>>>()

/** The secret with this name in `site_configs`: 32 random bytes as base64 in a JSON string. */
export function readSharedSecret(db: Db, name: string): Promise<string> {
  const secrets = cached.get(db) ?? new Map<string, Promise<string>>()
  cached.set(db, secrets)
  const known = secrets.get(name)
  if (known) return known
  const reading = readOrCreate(db, name)
  secrets.set(name, reading)
  reading.catch(() => secrets.delete(name))
  return reading
}

async function readOrCreate(db: Db, key: string): Promise<string> {
  const value = JSON.stringify(randomBytes(32).toString('base64'))
  await db
    .insertInto('site_configs')
    .values({ key, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('site_configs').select('value').where('key', '=', key).executeTakeFirstOrThrow()).value
}
