// Users: accounts, organizations, roles, status.

import type { FastifyInstance } from 'fastify'
import {
  activateUser,
  type CreateUserRequest,
  createUser,
  deleteUser,
  getOrganizationOfUser,
  getUser,
  getUserRoles,
  listOrganizationsOfUser,
  listUsers,
  suspendUser,
  updateUserProfile,
  updateUserRoles,
} from '../../../api/account/users.ts'
import { ApiError, notFound, validationFailed } from '../../../api/errors.ts'
import { audit, auditFailures } from '../../audit/audit.ts'
import type { Config } from '../../config.ts'
import type { ServerContext } from '../../context.ts'
import { type Db, isUniqueViolation, type Tx } from '../../database/connect.ts'
import type { StoredLoginType } from '../../database/schema.ts'
import { type HandlerRequest, serve } from '../../http/serve.ts'
import { requireOrganization, requireUser } from '../../lookup/users.ts'
import { authorize, isPermitted } from '../../policy/policy.ts'
import { siteRoles } from '../../policy/roles.ts'
import { changeUser, endSessions, protectOwner } from '../../users/change-user.ts'
import { findUsers, parseUserSearch } from '../../users/find-users.ts'
import { assertStrongPassword, hashPassword, requirePasswordAuth } from '../../users/passwords.ts'
import { loadUser, toUser, toUsers } from '../../users/to-user.ts'
import { notifyUserChange } from '../../users/user-notifications.ts'
import { findOrganizationIds, insertUser, requireAnotherOwner } from '../../users/users.ts'
import { toOrganization } from '../organizations/organizations.ts'
import { assertRoleChange } from '../organizations/roles.ts'

export function registerUserRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, sessions } = context

  serve(app, listUsers, async (request) => {
    authorize(request, 'list', { resource: 'user' })
    const { q = '', limit = 0, offset = 0, after_id: afterId } = request.query
    const seesAll = isPermitted(request.principal, 'read', { resource: 'user' })
    const onlyId = seesAll ? undefined : request.principal.userId
    const { rows, count } = await findUsers(db, parseUserSearch(q), onlyId, { limit, offset, afterId })
    return { users: await toUsers(db, rows), count }
  })

  serve(app, createUser, async (request) => {
    authorize(request, 'create', { resource: 'user' })
    const { body } = request
    const { loginType, hashedPassword } = await validateCredentials(context.config, body)
    const user = await db
      .transaction()
      .execute(async (tx) => {
        await requireOrganizations(tx, body.organization_ids ?? [])
        const row = await insertUser(tx, {
          username: body.username,
          email: body.email,
          name: body.name ?? '',
          hashedPassword,
          loginType,
          status: body.user_status ?? 'dormant',
          roles: [],
        })
        const entry = { action: 'create', resource: 'user', id: row.id, target: row.username } as const
        await audit(tx, request, { ...entry, after: row, status: 201 })
        await notifyUserChange(tx, request.principal, 'created', row)
        return row
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? new ApiError(409, 'User already exists.') : error
      })
    return loadUser(db, user)
  })

  serve(app, getUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    const { principal } = request
    return user.id === principal.userId ? toUser(user, Object.keys(principal.organizationRoles)) : loadUser(db, user)
  })

  serve(app, deleteUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'delete')
    const entry = { action: 'delete', resource: 'user', id: user.id, target: user.username, before: user } as const
    await auditFailures(context, request, entry, async () => {
      if (user.id === request.principal.userId) throw new ApiError(403, 'You cannot delete yourself!')
      protectOwner(request.principal, user)
      if (await ownsWorkspaces(db, user.id)) {
        throw new ApiError(417, 'You cannot delete a user that has workspaces. Delete their workspaces and try again!')
      }
      await db.transaction().execute(async (tx) => {
        await requireAnotherOwner(tx, user)
        await tx.updateTable('users').set({ deleted: true, updated_at: new Date() }).where('id', '=', user.id).execute()
        await tx.deleteFrom('git_ssh_keys').where('user_id', '=', user.id).execute()
        await endSessions(tx, user.id)
        await audit(tx, request, entry)
        await notifyUserChange(tx, request.principal, 'deleted', user)
      })
      sessions.evict(user.id)
    })
    return { message: 'User has been deleted!' }
  })

  serve(app, updateUserProfile, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update_personal')
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    return await auditFailures(context, request, entry, async () => {
      protectOwner(request.principal, user)
      const { username, name } = request.body
      return loadUser(db, await changeUser(context, request, user, { username, name: name ?? '' }))
    })
  })

  const setStatus = async (request: HandlerRequest<typeof suspendUser>, status: 'active' | 'suspended') => {
    const user = await requireUser(context, request, request.params.user, 'update')
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    return await auditFailures(context, request, entry, async () => {
      if (status === 'suspended' && user.id === request.principal.userId)
        throw new ApiError(400, 'You cannot suspend yourself.')
      if (status === 'suspended' && user.rbac_roles.includes('owner')) {
        throw new ApiError(400, 'You cannot suspend a user with the "owner" role. You must remove the role first.')
      }
      const change = status === 'active' ? 'activated' : 'suspended'
      const inTransaction = (tx: Tx) => notifyUserChange(tx, request.principal, change, user)
      return loadUser(db, await changeUser(context, request, user, { status }, { inTransaction }))
    })
  }
  serve(app, suspendUser, (request) => setStatus(request, 'suspended'))
  serve(app, activateUser, (request) => setStatus(request, 'active'))

  serve(app, getUserRoles, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read_personal')
    const organizations = await db
      .selectFrom('organization_members')
      .selectAll()
      .where('user_id', '=', user.id)
      .execute()
    return {
      roles: user.rbac_roles,
      organization_roles: Object.fromEntries(organizations.map((member) => [member.organization_id, member.roles])),
    }
  })

  serve(app, updateUserRoles, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    authorize(request, 'assign', { resource: 'assign_role' })
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    return await auditFailures(context, request, entry, async () => {
      if (user.id === request.principal.userId) throw new ApiError(400, 'You cannot change your own roles.')
      const roles = [...new Set(request.body.roles ?? [])].filter((name) => name !== 'member')
      assertRoleChange(request.principal, siteRoles, user.rbac_roles, roles)
      const inTransaction = async (tx: Tx) => {
        if (!roles.includes('owner')) await requireAnotherOwner(tx, user)
      }
      return loadUser(db, await changeUser(context, request, user, { rbac_roles: roles }, { inTransaction }))
    })
  })

  serve(app, listOrganizationsOfUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    const ids = await findOrganizationIds(db, user.id)
    if (ids.length === 0) return []
    const rows = await db.selectFrom('organizations').selectAll().where('id', 'in', ids).execute()
    return rows.map(toOrganization)
  })

  serve(app, getOrganizationOfUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    const organization = await requireOrganization(context, request, request.params.organizationname, 'read')
    if (!(await findOrganizationIds(db, user.id)).includes(organization.id)) throw notFound()
    return toOrganization(organization)
  })
}

/** @throws ApiError 400 if password and login type conflict, or the login type is not configured */
async function validateCredentials(config: Config, { login_type, password }: CreateUserRequest) {
  const loginType: StoredLoginType = login_type || 'password'
  if (loginType === 'password') requirePasswordAuth(config)
  if (loginType !== 'password' && loginType !== 'none') {
    const detail = `"${loginType}" is not configured in this deployment; use password or none`
    throw validationFailed([{ field: 'login_type', detail }])
  }
  if (loginType === 'none' && password) {
    throw new ApiError(400, 'Password cannot be set for non-password authentication.', {
      validations: [{ field: 'password', detail: 'must be left out when login_type is none' }],
    })
  }
  if (loginType === 'password') assertStrongPassword(password ?? '')
  return { loginType, hashedPassword: password ? await hashPassword(password) : null }
}

/** @throws ApiError 400 for unknown organizations */
async function requireOrganizations(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const found = await tx.selectFrom('organizations').select('id').where('id', 'in', ids).execute()
  const missing = ids.filter((id) => !found.some((row) => row.id === id))
  if (missing.length === 0) return
  throw validationFailed(
    missing.map((id) => ({ field: 'organization_ids', detail: `no organization has the ID ${id}` })),
  )
}

async function ownsWorkspaces(db: Db, userId: string): Promise<boolean> {
  const workspace = await db
    .selectFrom('workspaces')
    .select('id')
    .where('owner_id', '=', userId)
    .where('deleted', '=', false)
    .limit(1)
    .executeTakeFirst()
  return workspace !== undefined
}
