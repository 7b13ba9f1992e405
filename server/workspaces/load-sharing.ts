// Users and groups in the ACL of workspaces, in API form.

import type { WorkspaceGroup, WorkspaceRole, WorkspaceUser } from '../../api/workspaces/workspace-sharing.ts'
import type { SharedWorkspaceActor } from '../../api/workspaces/workspaces.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { omitEmpty } from '../omit-empty.ts'
import { loadGroups } from '../users/load-groups.ts'

type Acl = Readonly<Record<string, string>>

const idsOf = (acl: Acl) => Object.keys(acl).filter(isUuid)

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
  return users.map((user) => omitEmpty({ ...user, role: acl[user.id] as WorkspaceRole }, ['name', 'avatar_url']))
}

export async function loadSharedGroups(db: Db, acl: Acl): Promise<WorkspaceGroup[]> {
  const groups = await loadGroups(db, { ids: idsOf(acl) })
  return groups.map((group) => ({ ...group, role: acl[group.id] as WorkspaceRole }))
}

interface Shared {
  readonly user_acl: Acl
  readonly group_acl: Acl
}

/** Loads the ACL entries of any number of workspaces. @returns a function that selects those of one workspace */
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
  const groupIds = [...new Set(workspaces.flatMap(({ group_acl }) => idsOf(group_acl)))]
  const groups = new Map(
    groupIds.length === 0
      ? []
      : (await db.selectFrom('groups').select(['id', 'name', 'avatar_url']).where('id', 'in', groupIds).execute()).map(
          (group) => [group.id, group],
        ),
  )
  return ({ user_acl, group_acl }) => [
    ...idsOf(user_acl).flatMap((id): SharedWorkspaceActor[] => {
      const user = users.get(id)
      const roles = [user_acl[id] as WorkspaceRole]
      if (!user) return []
      const { username: name, avatar_url } = user
      return [omitEmpty({ id, actor_type: 'user', name, avatar_url, roles }, ['avatar_url'])]
    }),
    ...idsOf(group_acl).flatMap((id): SharedWorkspaceActor[] => {
      const group = groups.get(id)
      const roles = [group_acl[id] as WorkspaceRole]
      if (!group) return []
      const { name, avatar_url } = group
      return [omitEmpty({ id, actor_type: 'group', name, avatar_url, roles }, ['avatar_url'])]
    }),
  ]
}
