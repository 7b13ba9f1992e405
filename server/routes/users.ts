// Users: who they are, where they belong, and whether they may come in.

import type { FastifyInstance } from 'fastify'
import { zeroTime } from '../../api/common.ts'
import { ApiError, notFound } from '../../api/errors.ts'
import {
  activateUser,
  createUser,
  deleteUser,
  getOrganizationOfUser,
  getUser,
  getUserRoles,
  listOrganizationsOfUser,
  listUsers,
  suspendUser,
  type User,
  updateUserPassword,
} from '../../api/users.ts'
import { audit, auditFailures } from '../audit.ts'
import type { ServerContext } from '../context.ts'
import { type Db, isUniqueViolation } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { requireOrganization, requireUser } from '../load.ts'
import { hashPassword, refuseWeakPassword, verifyPassword } from '../passwords.ts'
import { authorize } from '../policy.ts'
import { type Served, serve } from '../serve.ts'
import { insertUser, organizationIdsOf } from '../users.ts'
import { toOrganization } from './organizations.ts'

export function registerUserRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listUsers, async (request) => {
    authorize(request, 'list', { resource: 'user' })
    const { q = '', limit = 0, offset = 0 } = request.query
    const matching = db
      .selectFrom('users')
      .where('deleted', '=', false)
      .$if(q !== '', (query) =>
        query.where((eb) =>
          eb.or([eb('username', 'ilike', `%${escapeLike(q)}%`), eb('email', 'ilike', `%${escapeLike(q)}%`)]),
        ),
      )
    const { count } = await matching.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
    const rows = await matching
      .selectAll()
      .orderBy('username')
      .offset(offset)
      .$if(limit > 0, (query) => query.limit(limit))
      .execute()
    return { users: await toUsers(db, rows), count }
  })

  serve(app, createUser, async (request) => {
    authorize(request, 'create', { resource: 'user' })
    const { body } = request
    const loginType = body.login_type || 'password'
    if (loginType === 'password') refuseWeakPassword(body.password ?? '')
    const hashedPassword = body.password ? await hashPassword(body.password) : null
    const user = await db
      .transaction()
      .execute(async (tx) => {
        const row = await insertUser(tx, {
          username: body.username,
          email: body.email,
          name: body.name ?? '',
          hashedPassword,
          loginType,
          status: body.user_status ?? 'dormant',
          roles: [],
        })
        await audit(tx, request, {
          action: 'create',
          resource: 'user',
          id: row.id,
          target: row.username,
          after: row,
          status: 201,
        })
        return row
      })
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? new ApiError(409, 'User already exists.') : error
      })
    return toUser(db, user)
  })

  serve(app, getUser, async (request) => toUser(db, await requireUser(context, request, request.params.user, 'read')))

  serve(app, deleteUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'delete')
    const entry = { action: 'delete', resource: 'user', id: user.id, target: user.username, before: user } as const
    await auditFailures(context, request, entry, async () => {
      if (user.id === request.principal.userId) throw new ApiError(400, 'You cannot delete yourself!')
      if (await ownsWorkspaces(db, user.id)) {
        throw new ApiError(417, 'You cannot delete a user that has workspaces. Delete their workspaces and try again!')
      }
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('users').set({ deleted: true, updated_at: new Date() }).where('id', '=', user.id).execute()
        await tx.deleteFrom('api_keys').where('user_id', '=', user.id).execute()
        await audit(tx, request, entry)
      })
    })
    return { message: 'User has been deleted!' }
  })

  serve(app, updateUserPassword, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update')
    const { old_password: old, password } = request.body
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    await auditFailures(context, request, entry, async () => {
      refuseWeakPassword(password)
      const mustProve = user.id === request.principal.userId && user.hashed_password !== null
      if (mustProve && !(await verifyPassword(old ?? '', user.hashed_password))) {
        throw new ApiError(400, 'Old password is incorrect.', {
          validations: [{ field: 'old_password', detail: 'is incorrect' }],
        })
      }
      const hashedPassword = await hashPassword(password)
      await db.transaction().execute(async (tx) => {
        const after = await tx
          .updateTable('users')
          .set({ hashed_password: hashedPassword, login_type: 'password', updated_at: new Date() })
          .where('id', '=', user.id)
          .returningAll()
          .executeTakeFirstOrThrow()
        await audit(tx, request, { ...entry, before: user, after, status: 204 })
      })
    })
    return null
  })

  const setStatus = async (request: Served<typeof suspendUser>, status: 'active' | 'suspended') => {
    const user = await requireUser(context, request, request.params.user, 'update')
    authorize(request, 'create', { resource: 'user' })
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    return await auditFailures(context, request, entry, () => changeStatus(request, user, status))
  }

  const changeStatus = async (
    request: Served<typeof suspendUser>,
    user: Row<'users'>,
    status: 'active' | 'suspended',
  ) => {
    if (status === 'suspended' && user.id === request.principal.userId)
      throw new ApiError(400, 'You cannot suspend yourself.')
    if (status === 'suspended' && user.rbac_roles.includes('owner')) {
      throw new ApiError(400, 'You cannot suspend a user with the "owner" role. You must remove the role first.')
    }
    const changed = await db.transaction().execute(async (tx) => {
      const after = await tx
        .updateTable('users')
        .set({ status, updated_at: new Date() })
        .where('id', '=', user.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, {
        action: 'write',
        resource: 'user',
        id: user.id,
        target: user.username,
        before: user,
        after,
      })
      return after
    })
    return toUser(db, changed)
  }
  serve(app, suspendUser, (request) => setStatus(request, 'suspended'))
  serve(app, activateUser, (request) => setStatus(request, 'active'))

  serve(app, getUserRoles, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
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

  serve(app, listOrganizationsOfUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    const rows = await db
      .selectFrom('organizations')
      .selectAll()
      .where('id', 'in', await organizationIdsOf(db, user.id))
      .execute()
    return rows.map(toOrganization)
  })

  serve(app, getOrganizationOfUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'read')
    const organization = await requireOrganization(context, request, request.params.organizationname, 'read')
    if (!(await organizationIdsOf(db, user.id)).includes(organization.id)) throw notFound()
    return toOrganization(organization)
  })
}

async function ownsWorkspaces(db: Db, userId: string): Promise<boolean> {
  const one = await db
    .selectFrom('workspaces')
    .select('id')
    .where('owner_id', '=', userId)
    .where('deleted', '=', false)
    .limit(1)
    .executeTakeFirst()
  return one !== undefined
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')

const roleNames: Record<string, string> = {
  owner: 'Owner',
  'template-admin': 'Template Admin',
  'user-admin': 'User Admin',
  auditor: 'Auditor',
}

async function toUser(db: Db, row: Row<'users'>): Promise<User> {
  const [user] = await toUsers(db, [row])
  if (!user) throw new Error(`user ${row.id} vanished while it was being written out`)
  return user
}

/** Users by id, deleted ones too: what they did outlives them. */
export async function usersById(db: Db, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, User>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  if (wanted.length === 0) return new Map()
  const users = await toUsers(db, await db.selectFrom('users').selectAll().where('id', 'in', wanted).execute())
  return new Map(users.map((user) => [user.id, user]))
}

async function toUsers(db: Db, rows: readonly Row<'users'>[]): Promise<User[]> {
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
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    name: row.name,
    avatar_url: row.avatar_url,
    email: row.email,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    last_seen_at: row.last_seen_at?.toISOString() ?? zeroTime,
    status: row.status,
    login_type: row.login_type as User['login_type'],
    theme_preference: row.theme_preference,
    organization_ids: members.filter((member) => member.user_id === row.id).map((member) => member.organization_id),
    roles: row.rbac_roles.map((name) => ({ name, display_name: roleNames[name] ?? name })),
  }))
}
