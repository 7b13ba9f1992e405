// Converts users and roles to their API form, in batches.

import type { User } from '../../api/account/users.ts'
import type { SlimRole } from '../../api/organizations/roles.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { organizationRoles, type Role, siteRoles } from '../policy/roles.ts'
import { toReducedUser } from './reduced-user.ts'

/** Loads users by ID, including deleted ones. */
export async function usersById(db: Db, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, User>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  if (wanted.length === 0) return new Map()
  const users = await toUsers(db, await db.selectFrom('users').selectAll().where('id', 'in', wanted).execute())
  return new Map(users.map((user) => [user.id, user]))
}

/** Converts rows to users, in the same order. */
export async function toUsers(db: Db, rows: readonly Row<'users'>[]): Promise<User[]> {
  if (rows.length === 0) return []
  const members = await db
    .selectFrom('organization_members')
    .select(['user_id', 'organization_id'])
    .where(
      'user_id',
      'in',
      rows.map((row) => row.id),
    )
    .execute()
  const organizations = Map.groupBy(members, (member) => member.user_id)
  return rows.map((row) => toUser(row, organizations.get(row.id)?.map((member) => member.organization_id) ?? []))
}

export async function loadUser(db: Db, row: Row<'users'>): Promise<User> {
  const [user] = await toUsers(db, [row])
  if (!user) throw new Error(`user ${row.id} was deleted during serialization`)
  return user
}

export function toUser(row: Row<'users'>, organizationIds: readonly string[]): User {
  return {
    ...toReducedUser(row),
    organization_ids: [...organizationIds],
    roles: row.rbac_roles.map(toSiteRole),
  }
}

export const toSiteRole = (name: string): SlimRole => ({ name, display_name: displayName(siteRoles, name) })

/** @param custom custom roles of the organization by name */
export const toOrganizationRole = (
  name: string,
  organizationId: string,
  custom: Readonly<Record<string, Role>>,
): SlimRole => ({
  name,
  display_name: displayName({ ...custom, ...organizationRoles }, name),
  organization_id: organizationId,
})

function displayName(roles: Readonly<Record<string, Role>>, name: string): string {
  return (Object.hasOwn(roles, name) ? roles[name]?.displayName : undefined) ?? name
}
