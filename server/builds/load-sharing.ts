// The users and groups of a workspace's shares, as clients see them. The one group there is holds everybody: it has the
// id of its organization.

import type { WorkspaceGroup, WorkspaceRole, WorkspaceUser } from '../../api/workspace-sharing.ts'
import type { SharedWorkspaceActor } from '../../api/workspaces.ts'
import type { Db } from '../database/connect.ts'
import { toReducedUser } from '../people/reduced-user.ts'

type Acl = Readonly<Record<string, string>>

const everybodyName = 'Everyone'

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const idsOf = (acl: Acl) => Object.keys(acl).filter((id) => uuidForm.test(id))

export async function loadSharedUsers(db: Db, acl: Acl): Promise<WorkspaceUser[]> {
  const ids = idsOf(acl)
  if (ids.length === 0) return []
  const users = await db
    .selectFrom('users')
    .select(['id', 'username', 'name', 'avatar_url'])
    .where('id', 'in', ids)
    .where('deleted', '=', false)
    .orderBy('username')
    .execute()
  return users.map((user) => ({ ...user, role: acl[user.id] as WorkspaceRole }))
}

export async function loadSharedGroups(db: Db, acl: Acl): Promise<WorkspaceGroup[]> {
  const ids = idsOf(acl)
  if (ids.length === 0) return []
  const organizations = await db
    .selectFrom('organizations')
    .select(['id', 'name', 'display_name'])
    .where('id', 'in', ids)
    .execute()
  return await Promise.all(
    organizations.map(async ({ id, name, display_name }) => {
      const members = await readMembers(db, id)
      return {
        id,
        name: everybodyName,
        display_name: '',
        organization_id: id,
        organization_name: name,
        organization_display_name: display_name,
        members,
        total_member_count: members.length,
        avatar_url: '',
        quota_allowance: 0,
        source: 'user' as const,
        role: acl[id] as WorkspaceRole,
      }
    }),
  )
}

interface Shared {
  readonly user_acl: Acl
  readonly group_acl: Acl
}

/** Of any number of workspaces at once: a function that names whom each is shared with. */
export async function loadSharedActors(
  db: Db,
  workspaces: readonly Shared[],
): Promise<(workspace: Shared) => SharedWorkspaceActor[]> {
  const userIds = [...new Set(workspaces.flatMap(({ user_acl }) => idsOf(user_acl)))]
  const users = new Map(
    userIds.length === 0
      ? []
      : (
          await db
            .selectFrom('users')
            .select(['id', 'username', 'avatar_url'])
            .where('id', 'in', userIds)
            .where('deleted', '=', false)
            .execute()
        ).map((user) => [user.id, user]),
  )
  return ({ user_acl, group_acl }) => [
    ...idsOf(user_acl).flatMap((id): SharedWorkspaceActor[] => {
      const user = users.get(id)
      const roles = [user_acl[id] as WorkspaceRole]
      return user ? [{ id, actor_type: 'user', name: user.username, avatar_url: user.avatar_url, roles }] : []
    }),
    ...idsOf(group_acl).map(
      (id): SharedWorkspaceActor => ({
        id,
        actor_type: 'group',
        name: everybodyName,
        roles: [group_acl[id] as WorkspaceRole],
      }),
    ),
  ]
}

async function readMembers(db: Db, organizationId: string): Promise<WorkspaceGroup['members']> {
  const members = await db
    .selectFrom('users')
    .innerJoin('organization_members as member', 'member.user_id', 'users.id')
    .where('member.organization_id', '=', organizationId)
    .where('users.deleted', '=', false)
    .orderBy('users.username')
    .selectAll('users')
    .execute()
  return members.map(toReducedUser)
}
