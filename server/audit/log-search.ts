// Search language of the audit and connection logs: a table of keys that convert a value to an SQL condition.
// search/parse-search.ts tokenizes the text.

import { type RawBuilder, sql } from 'kysely'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { isPermitted, type Principal } from '../policy/policy.ts'
import { invalidSearch, parseSearch, unknownKey } from '../search/parse-search.ts'
import { requireSearchedOrganization } from '../search/searched-names.ts'

type Condition = RawBuilder<boolean>

/** @returns the condition, or an error message for the value */
export type SearchKey = (value: string) => Condition | string

export type SearchKeys = Readonly<Record<string, SearchKey>>

/** Converts a search to conditions, all of which must hold. @param noun for error messages
 *  @param bareKey key of words without a key.
 *  @throws ApiError 400 naming all errors. */
export async function readConditions(
  db: Db,
  noun: string,
  text: string,
  keys: SearchKeys,
  bareKey: string,
): Promise<Condition[]> {
  const { terms, problems } = parseSearch(text)
  const validations = [...problems]
  const conditions = terms.flatMap(({ key, value }) => {
    const name = key === '' ? bareKey : key
    const condition = Object.hasOwn(keys, name) ? keys[name]?.(value) : undefined
    if (condition !== undefined && typeof condition !== 'string') return [condition]
    validations.push(condition === undefined ? unknownKey(name, Object.keys(keys)) : { field: name, detail: condition })
    return []
  })
  if (validations.length > 0) throw invalidSearch(noun, validations)
  await requireSearchedOrganization(db, noun, terms.find(({ key }) => key === 'organization')?.value)
  return conditions
}

const dayPattern = /^\d{4}-\d{2}-\d{2}$/

/** A key with UUID values. */
export function idKey(name: string, toCondition: (id: string) => Condition): SearchKey {
  return (value) => (isUuid(value) ? toCondition(value) : `"${name}" is a UUID, not "${value}".`)
}

/** A key with enumerated values. */
export function wordKey(name: string, words: readonly string[], toCondition: (word: string) => Condition): SearchKey {
  return (value) =>
    words.includes(value) ? toCondition(value) : `"${value}" is not a value of "${name}". Values: ${words.join(', ')}.`
}

/** A key with time values: RFC 3339, or a day in UTC.
 *  @param shiftMs added to a day, so that a range includes its last day */
export function timeKey(name: string, toCondition: (time: Date) => Condition, shiftMs = 0): SearchKey {
  return (value) => {
    const isDay = dayPattern.test(value)
    const time = new Date(isDay ? `${value}T00:00:00Z` : value.toUpperCase())
    if (Number.isNaN(time.getTime()) || !/^\d{4}-/.test(value))
      return `"${name}" is a day such as 2026-11-24, not "${value}".`
    return toCondition(isDay ? new Date(time.getTime() + shiftMs) : time)
  }
}

export const dayMs = 24 * 60 * 60_000

/** IDs of the users with this name; `me` is the caller. */
export function usersNamed(name: string, viewerId: string): RawBuilder<string> {
  return name === 'me'
    ? sql<string>`(select ${viewerId}::uuid)`
    : sql<string>`(select id from users where lower(username) = ${name})`
}

export const usersWithEmail = (email: string): RawBuilder<string> =>
  sql<string>`(select id from users where lower(email) = ${email})`

/** IDs of the organizations with this ID or name. */
export function organizationsNamed(name: string): RawBuilder<string> {
  return isUuid(name)
    ? sql<string>`(select ${name}::uuid)`
    : sql<string>`(select id from organizations where lower(name) = ${name})`
}

/** Condition for visible entries: all, or those of organizations in which the caller has a role that permits it. */
export function readableEntries(principal: Principal, resource: 'audit_log' | 'connection_log'): Condition {
  if (isPermitted(principal, 'read', { resource, organizationId: null })) return sql`true`
  const organizations = Object.keys(principal.organizationRoles)
  const readable = organizations.filter((organizationId) =>
    isPermitted(principal, 'read', { resource, organizationId }),
  )
  return sql`log.organization_id = any(${readable}::uuid[])`
}
