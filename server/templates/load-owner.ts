// Loads the workspace owner for templates, and checks the author of a template version.

import { sql } from 'kysely'
import type { CoderOwner } from '../../terraform/providers/coder/context.ts'
import type { Db } from '../database/connect.ts'
import type { Encryption } from '../encryption/encryption.ts'
import { ensureGitSshKey } from '../users/git-ssh-keys.ts'

export interface LoadedOwner {
  readonly owner: CoderOwner
  /** Whether the user is a deployment owner, whose workspaces may access the coderd host. */
  readonly ownsDeployment: boolean
}

/** Excludes secrets, which only builds receive. */
export async function loadOwner(db: Db, encryption: Encryption, userId: string): Promise<LoadedOwner> {
  const user = await db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['id', 'username', 'name', 'email', 'login_type', 'rbac_roles'])
    .select(
      sql<[string, string[]][]>`array(
        select json_build_array(organization_id, roles) from organization_members where user_id = users.id
      )`.as('memberships'),
    )
    .select(
      sql<string[]>`array(
        select name from groups join members_of_groups on group_id = groups.id where user_id = users.id order by lower(name)
      )`.as('groups'),
    )
    .executeTakeFirstOrThrow()
  const { public_key: sshPublicKey } = await ensureGitSshKey(db, encryption, user.id)
  const owner: CoderOwner = {
    id: user.id,
    name: user.username,
    fullName: user.name,
    email: user.email,
    groups: user.groups,
    sessionToken: '',
    sshPublicKey,
    sshPrivateKey: '',
    loginType: user.login_type,
    rbacRoles: [
      ...user.rbac_roles.map((name) => ({ name, orgId: '' })),
      ...user.memberships.flatMap(([orgId, roles]) => roles.map((name) => ({ name, orgId }))),
    ],
  }
  return { owner, ownsDeployment: user.rbac_roles.includes('owner') }
}

/** Whether the author of the version is a deployment owner: only then may the version read files outside its folder. */
export async function isAuthoredByOwner(db: Db, versionId: string): Promise<boolean> {
  const author = await db
    .selectFrom('template_versions as version')
    .innerJoin('users as author', 'author.id', 'version.created_by')
    .where('version.id', '=', versionId)
    .select('author.rbac_roles')
    .executeTakeFirst()
  return author?.rbac_roles.includes('owner') ?? false
}
