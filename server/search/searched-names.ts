// Checks the users, organizations and groups that a search names: an unknown name is an error, because the search would
// otherwise silently find nothing. An unknown ID finds nothing.

import { sql } from 'kysely'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { userObject } from '../policy/objects.ts'
import { isPermitted, type Principal } from '../policy/policy.ts'
import { invalidSearch } from './parse-search.ts'

/** @param name a name or an ID, in lower case; undefined skips the check. @throws ApiError 400 */
export async function requireSearchedOrganization(db: Db, noun: string, name: string | undefined): Promise<void> {
  if (name === undefined || isUuid(name)) return
  const found = await db
    .selectFrom('organizations')
    .select('id')
    .where(sql`lower(name)`, '=', name)
    .where('deleted', '=', false)
    .executeTakeFirst()
  if (!found) throw unknownName(noun, 'organization', 'organization', name)
}

/** @param name a username or an ID, in lower case, or `me`; undefined skips the check.
 *  @throws ApiError 400, also for a user who is not visible to the caller */
export async function requireSearchedUser(
  db: Db,
  principal: Principal,
  noun: string,
  key: string,
  name: string | undefined,
): Promise<void> {
  if (name === undefined || name === 'me' || isUuid(name)) return
  const found = await db
    .selectFrom('users')
    .select('id')
    .where(sql`lower(username)`, '=', name)
    .where('deleted', '=', false)
    .executeTakeFirst()
  if (!found || !isPermitted(principal, 'read', userObject(found.id))) throw unknownName(noun, key, 'user', name)
}

/** @param name an ID, the name of a group, or `organization/group`. @throws ApiError 400 */
export async function requireSearchedGroup(db: Db, noun: string, key: string, name: string | undefined): Promise<void> {
  if (name === undefined || isUuid(name)) return
  const found = await db
    .selectFrom('groups')
    .innerJoin('organizations as organization', 'organization.id', 'groups.organization_id')
    .select('groups.id')
    .where(groupIsNamed(name))
    .executeTakeFirst()
  if (!found) throw unknownName(noun, key, 'group', name)
}

/** Condition on `groups` joined with `organization`. */
export const groupIsNamed = (name: string) =>
  sql<boolean>`${name} in (groups.id::text, lower(groups.name), lower(organization.name || '/' || groups.name))`

const unknownName = (noun: string, field: string, kind: string, name: string) =>
  invalidSearch(noun, [{ field, detail: `No ${kind} named "${name}" is visible to you.` }])
