// User search: query language, visibility, order and pagination.

import { type SqlBool, sql } from 'kysely'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { invalidSearch, joinLists, parseSearch, unknownKey } from '../search/parse-search.ts'

export interface UserPage {
  readonly limit: number
  readonly offset: number
  readonly afterId: string | undefined
}

type Condition = ReturnType<typeof sql<SqlBool>>
/** Returns the condition of a value, or an error message. */
type ValueReader = (value: string) => Condition | string

const statuses = ['active', 'dormant', 'suspended']
const loginTypes = ['', 'password', 'github', 'oidc', 'token', 'none']

/** Keys with several values, of which one must match. */
const lists: ReadonlySet<string> = new Set(['status', 'login_type', 'role'])

/** The keys of the query language. */
const keys: Readonly<Record<string, ValueReader>> = {
  '': (value) => sql`(strpos(lower(username), ${value}) > 0 or strpos(lower(email), ${value}) > 0)`,
  search: (value) => sql`(strpos(lower(username), ${value}) > 0 or strpos(lower(email), ${value}) > 0)`,
  name: (value) => sql`strpos(lower(name), ${value}) > 0`,
  status: oneOf('status', statuses),
  login_type: oneOf('login_type', loginTypes),
  role: (value) => {
    const roles = value.split(',')
    // All users have the member role.
    return roles.includes('member') ? sql`true` : sql`rbac_roles && ${roles}::text[]`
  },
  last_seen_after: timeCondition((at) => sql`last_seen_at >= ${at}`),
  last_seen_before: timeCondition((at) => sql`coalesce(last_seen_at, '-infinity') <= ${at}`),
  created_after: timeCondition((at) => sql`created_at >= ${at}`),
  created_before: timeCondition((at) => sql`created_at <= ${at}`),
  // GitHub sign-in is not supported, so no user matches.
  github_com_user_id: (value) => (/^\d{1,18}$/.test(value) ? sql`false` : `"${value}" is not a number`),
}

function oneOf(column: string, allowed: readonly string[]): ValueReader {
  return (value) => {
    const values = value.split(',')
    const invalid = values.find((entry) => !allowed.includes(entry))
    if (invalid !== undefined) return `"${invalid}" is not one of: ${allowed.filter(Boolean).join(', ')}`
    return sql`${sql.ref(column)} = any(${values}::text[])`
  }
}

function timeCondition(condition: (at: Date) => Condition): ValueReader {
  return (value) => {
    const at = new Date(value.toUpperCase())
    const isTime = /^\d{4}-\d{2}-\d{2}(t[\d:.]+(z|[+-]\d{2}:\d{2}))?$/.test(value) && !Number.isNaN(at.getTime())
    return isTime ? condition(at) : `"${value}" is not a time such as "2026-11-24t12:00:00z"`
  }
}

/** @throws ApiError 400 with the invalid terms */
export function parseUserSearch(text: string): readonly Condition[] {
  const { terms, problems } = parseSearch(text, lists)
  const validations = [...problems]
  const conditions: Condition[] = []
  for (const { key, value } of joinLists(terms, lists)) {
    const read = Object.hasOwn(keys, key) ? keys[key] : undefined
    const found = read?.(value)
    if (found === undefined) validations.push(unknownKey(key, Object.keys(keys)))
    else if (typeof found === 'string') validations.push({ field: key, detail: found })
    else conditions.push(found)
  }
  if (validations.length > 0) throw invalidSearch('user', validations)
  return conditions
}

/** @param onlyId restricts the result to this user */
export async function findUsers(
  db: Db,
  conditions: readonly Condition[],
  onlyId: string | undefined,
  { limit, offset, afterId }: UserPage,
): Promise<{ rows: Row<'users'>[]; count: number }> {
  let matching = db.selectFrom('users').where('deleted', '=', false)
  if (onlyId !== undefined) matching = matching.where('id', '=', onlyId)
  for (const condition of conditions) matching = matching.where(condition)
  const { count } = await matching.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll()
    .$if(afterId !== undefined, (query) =>
      query.where(sql<SqlBool>`lower(username) > (select lower(username) from users where id = ${afterId ?? null})`),
    )
    .orderBy(sql`lower(username)`)
    .offset(offset)
    .$if(limit > 0, (query) => query.limit(limit))
    .execute()
  return { rows, count }
}
