// Members of organizations and their roles.

import type { FastifyInstance } from 'fastify'
import { type SqlBool, sql } from 'kysely'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  addMember,
  getMember,
  listMembers,
  listMembersInPages,
  type OrganizationMember,
  type OrganizationMemberWithUser,
  removeMember,
  updateMemberRoles,
} from '../../../api/organizations/members.ts'
import { type Actor, type AuditEntry, audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { findUser, requireOrganization } from '../../lookup/users.ts'
import { omitEmpty } from '../../omit-empty.ts'
import { memberObject } from '../../policy/objects.ts'
import { type AuthzContext, authorize, isPermitted, type Principal } from '../../policy/policy.ts'
import { organizationRoles } from '../../policy/roles.ts'
import { toOrganizationRole, toSiteRole } from '../../users/to-user.ts'
import { loadCustomRoles } from './custom-roles.ts'
import { assertRoleChange } from './roles.ts'

type Member = Row<'organization_members'>
type CustomRoles = Awaited<ReturnType<typeof loadCustomRoles>>

export function registerMemberRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, sessions } = context

  /** The organization, the user, and the membership if it exists; authorizes access to the membership. */
  const load = async (
    request: AuthzContext & { readonly params: { readonly organization: string; readonly user: string } },
    action: 'read' | 'create' | 'delete',
  ) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const user = await findUser(db, request.principal, request.params.user)
    authorize(request, action, memberObject(organization.id, user?.id))
    if (!user) throw notFound()
    const member = await db
      .selectFrom('organization_members')
      .selectAll()
      .where('organization_id', '=', organization.id)
      .where('user_id', '=', user.id)
      .executeTakeFirst()
    return { organization, user, member }
  }

  serve(app, listMembers, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', memberObject(organization.id, undefined))
    return (await readMembers(db, organization.id, request.principal, {})).members
  })

  serve(app, listMembersInPages, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', memberObject(organization.id, undefined))
    return await readMembers(db, organization.id, request.principal, request.query)
  })

  serve(app, getMember, async (request) => {
    const { user, member } = await load(request, 'read')
    if (!member) throw notFound()
    return toMemberWithUser({ ...member, ...pickUserFields(user) }, await loadCustomRoles(db, member.organization_id))
  })

  serve(app, addMember, async (request) => {
    const { organization, user, member } = await load(request, 'create')
    if (member) throw new ApiError(400, `${user.username} is already a member of the organization.`)
    return await db.transaction().execute(async (tx) => {
      const after = await tx
        .insertInto('organization_members')
        .values({ organization_id: organization.id, user_id: user.id })
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, { ...auditEntry('create', organization.id, user), after })
      sessions.evict(user.id)
      return toMember(after, {})
    })
  })

  serve(app, removeMember, async (request) => {
    const { organization, user, member } = await load(request, 'delete')
    if (!member) throw notFound()
    if (user.id === request.principal.userId) {
      throw new ApiError(400, 'You cannot remove yourself from the organization.', {
        detail: 'Ask an organization admin.',
      })
    }
    await db.transaction().execute(async (tx) => {
      await tx
        .deleteFrom('organization_members')
        .where('organization_id', '=', organization.id)
        .where('user_id', '=', user.id)
        .execute()
      await audit(tx, request, { ...auditEntry('delete', organization.id, user), before: member, status: 204 })
    })
    sessions.evict(user.id)
    return null
  })

  serve(app, updateMemberRoles, async (request) => {
    const { organization, user, member } = await load(request, 'read')
    authorize(request, 'assign', { resource: 'assign_org_role', organizationId: organization.id })
    if (!member) throw notFound()
    return await auditFailures(context, request, auditEntry('write', organization.id, user), async () => {
      if (user.id === request.principal.userId)
        throw new ApiError(400, 'You cannot change your own organization roles.')
      const roles = [...new Set(request.body.roles ?? [])].filter((name) => name !== 'organization-member')
      const custom = await loadCustomRoles(db, organization.id)
      assertRoleChange(request.principal, { ...custom, ...organizationRoles }, member.roles, roles)
      const changed = await setRoles(db, request, user, member, roles)
      sessions.evict(user.id)
      return toMember(changed, custom)
    })
  })
}

async function setRoles(db: Db, actor: Actor, user: Row<'users'>, before: Member, roles: string[]): Promise<Member> {
  return await db.transaction().execute(async (tx) => {
    const after = await tx
      .updateTable('organization_members')
      .set({ roles, updated_at: new Date() })
      .where('organization_id', '=', before.organization_id)
      .where('user_id', '=', before.user_id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await audit(tx, actor, { ...auditEntry('write', before.organization_id, user), before, after })
    return after
  })
}

function auditEntry(
  action: 'create' | 'write' | 'delete',
  organizationId: string,
  user: Row<'users'>,
): AuditEntry<'organization_member'> {
  return { action, resource: 'organization_member', id: user.id, target: user.username, organizationId }
}

interface Page {
  readonly q?: string
  readonly limit?: number
  readonly offset?: number
  readonly after_id?: string
}

/** The members visible to the caller: all, or only the caller. */
async function readMembers(
  db: Db,
  organizationId: string,
  principal: Principal,
  { q = '', limit = 0, offset = 0, after_id: afterId }: Page,
): Promise<{ members: OrganizationMemberWithUser[]; count: number }> {
  const canReadAll = isPermitted(principal, 'read', memberObject(organizationId, undefined))
  const text = q.replace(/^search:/, '').toLowerCase()
  const matching = db
    .selectFrom('organization_members as member')
    .innerJoin('users', 'users.id', 'member.user_id')
    .where('member.organization_id', '=', organizationId)
    .where('users.deleted', '=', false)
    .$if(!canReadAll, (query) => query.where('users.id', '=', principal.userId))
    .$if(text !== '', (query) =>
      query.where(sql<SqlBool>`(strpos(lower(username), ${text}) > 0 or strpos(lower(email), ${text}) > 0)`),
    )
  const { count } = await matching.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll('member')
    .select(['users.username', 'users.name', 'users.avatar_url', 'users.email', 'users.rbac_roles'])
    .$if(afterId !== undefined, (query) =>
      query.where(sql<SqlBool>`lower(username) > (select lower(username) from users where id = ${afterId ?? null})`),
    )
    .orderBy(sql`lower(users.username)`)
    .offset(offset)
    .$if(limit > 0, (query) => query.limit(limit))
    .execute()
  const custom = await loadCustomRoles(db, organizationId)
  return { members: rows.map((row) => toMemberWithUser(row, custom)), count }
}

type UserFields = Pick<Row<'users'>, 'username' | 'name' | 'avatar_url' | 'email' | 'rbac_roles'>

const pickUserFields = ({ username, name, avatar_url, email, rbac_roles }: Row<'users'>): UserFields => ({
  username,
  name,
  avatar_url,
  email,
  rbac_roles,
})

function toMember(row: Member, custom: CustomRoles): OrganizationMember {
  return {
    user_id: row.user_id,
    organization_id: row.organization_id,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    roles: row.roles.map((name) => toOrganizationRole(name, row.organization_id, custom)),
  }
}

function toMemberWithUser(row: Member & UserFields, custom: CustomRoles): OrganizationMemberWithUser {
  const member = {
    ...toMember(row, custom),
    username: row.username,
    name: row.name,
    avatar_url: row.avatar_url,
    email: row.email,
    global_roles: row.rbac_roles.map(toSiteRole),
  }
  return omitEmpty(member, ['name', 'avatar_url'])
}
