// Loads groups with their members in API form, in batches.

import type { Group } from '../../api/organizations/groups.ts'
import type { Db } from '../database/connect.ts'
import { toReducedUser } from './reduced-user.ts'

export type LoadedGroup = Group & { readonly members: ReturnType<typeof toReducedUser>[] }

/** Ordered by organization and name, the "Everyone" group first. Unknown IDs are ignored. */
export async function loadGroups(
  db: Db,
  { ids, organizationId }: { readonly ids?: readonly string[]; readonly organizationId?: string },
): Promise<LoadedGroup[]> {
  if (ids?.length === 0) return []
  const rows = await db
    .selectFrom('groups')
    .innerJoin('organizations as organization', 'organization.id', 'groups.organization_id')
    .where('organization.deleted', '=', false)
    .$if(ids !== undefined, (query) => query.where('groups.id', 'in', ids ?? []))
    .$if(organizationId !== undefined, (query) => query.where('groups.organization_id', '=', organizationId ?? ''))
    .select([
      'groups.id',
      'groups.name',
      'groups.display_name',
      'groups.avatar_url',
      'groups.organization_id',
      'groups.quota_allowance',
    ])
    .select(['organization.name as organization_name', 'organization.display_name as organization_display_name'])
    .orderBy('organization.name')
    .orderBy((eb) => eb('groups.id', '<>', eb.ref('groups.organization_id')))
    .orderBy((eb) => eb.fn('lower', ['groups.name']))
    .execute()
  const members = await readMembers(
    db,
    rows.map(({ id }) => id),
  )
  return rows.map((row) => {
    const own = members.get(row.id) ?? []
    return { ...row, members: own, total_member_count: own.length, source: 'user' }
  })
}

async function readMembers(db: Db, groupIds: readonly string[]) {
  const members = new Map<string, ReturnType<typeof toReducedUser>[]>()
  if (groupIds.length === 0) return members
  const rows = await db
    .selectFrom('members_of_groups as member')
    .innerJoin('users', 'users.id', 'member.user_id')
    .where('member.group_id', 'in', groupIds)
    .where('users.deleted', '=', false)
    .selectAll('users')
    .select('member.group_id')
    .orderBy((eb) => eb.fn('lower', ['users.username']))
    .execute()
  for (const { group_id, ...user } of rows) {
    const groupMembers = members.get(group_id)
    if (groupMembers) groupMembers.push(toReducedUser(user))
    else members.set(group_id, [toReducedUser(user)])
  }
  return members
}
