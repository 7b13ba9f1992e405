// The query language of the audit log and the connection log: a table of keys, each of which makes a condition of its
// value. The words are split by search/parse-search.ts.

import { type RawBuilder, sql } from 'kysely'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { isPermitted, type Principal } from '../policy/policy.ts'
import { invalidSearch, parseSearch, unknownKey } from '../search/parse-search.ts'
import { requireSearchedOrganization } from '../search/searched-names.ts'

type Condition = RawBuilder<boolean>

/** @returns the condition, or a sentence about what is wrong with the value */
export type SearchKey = (value: string) => Condition | string

export type SearchKeys = Readonly<Record<string, SearchKey>>

/** What a query asks for, all of which must hold. @param noun what is looked for
 *  @param bareKey the key that a word without one is for.
 *  @throws ApiError 400 naming everything that is wrong. */
export async function readConditions(
  db: Db,
  noun: string,
  text: string,
  keys: SearchKeys,
  bareKey: string,
): Promise<Condition[]> {
  const { terms, problems } = parseSearch(text)
  const wrong = [...problems]
  const conditions = terms.flatMap(({ key, value }) => {
    const name = key === '' ? bareKey : key
    const made = Object.hasOwn(keys, name) ? keys[name]?.(value) : undefined
    if (made !== undefined && typeof made !== 'string') return [made]
    wrong.push(made === undefined ? unknownKey(name, Object.keys(keys)) : { field: name, detail: made })
    return []
  })
  if (wrong.length > 0) throw invalidSearch(noun, wrong)
  await requireSearchedOrganization(db, noun, terms.find(({ key }) => key === 'organization')?.value)
  return conditions
}

const dayForm = /^\d{4}-\d{2}-\d{2}$/

/** A key whose values are ids. */
export function idKey(name: string, make: (id: string) => Condition): SearchKey {
  return (value) => (isUuid(value) ? make(value) : `"${name}" is a UUID, not "${value}".`)
}

/** A key whose values are words of a closed set. */
export function wordKey(name: string, words: readonly string[], make: (word: string) => Condition): SearchKey {
  return (value) =>
    words.includes(value) ? make(value) : `"${value}" is not a value of "${name}". Values: ${words.join(', ')}.`
}

/** A key whose values are times: an RFC 3339 one, or a day, which is taken in UTC.
 *  @param shiftMs what is added to a day: a range that ends with a day holds that day whole */
export function timeKey(name: string, make: (time: Date) => Condition, shiftMs = 0): SearchKey {
  return (value) => {
    const isDay = dayForm.test(value)
    const time = new Date(isDay ? `${value}T00:00:00Z` : value.toUpperCase())
    if (Number.isNaN(time.getTime()) || !/^\d{4}-/.test(value))
      return `"${name}" is a day such as 2026-11-24, not "${value}".`
    return make(isDay ? new Date(time.getTime() + shiftMs) : time)
  }
}

export const dayMs = 24 * 60 * 60_000

/** The ids of the users with this name or, for `me`, of the one who asks. */
export function usersNamed(name: string, viewerId: string): RawBuilder<string> {
  return name === 'me'
    ? sql<string>`(select ${viewerId}::uuid)`
    : sql<string>`(select id from users where lower(username) = ${name})`
}

export const usersWithEmail = (email: string): RawBuilder<string> =>
  sql<string>`(select id from users where lower(email) = ${email})`

/** The ids of the organizations that an id or a name is of. */
export function organizationsNamed(name: string): RawBuilder<string> {
  return isUuid(name)
    ? sql<string>`(select ${name}::uuid)`
    : sql<string>`(select id from organizations where lower(name) = ${name})`
}

/** What of a log the policy shows: all of it, or what is of organizations in which one has a role for that. */
export function readableIn(principal: Principal, resource: 'audit_log' | 'connection_log'): Condition {
  if (isPermitted(principal, 'read', { resource, organizationId: null })) return sql`true`
  const organizations = Object.keys(principal.organizationRoles)
  const readable = organizations.filter((organizationId) =>
    isPermitted(principal, 'read', { resource, organizationId }),
  )
  return sql`log.organization_id = any(${readable}::uuid[])`
}
