// Users, signing in and out, and their keys.

import type { FastifyInstance } from 'fastify'
import { zeroTime } from '../../api/common.ts'
import { ApiError, notFound, unauthorized, validationFailed } from '../../api/errors.ts'
import {
  type ApiKey,
  activateUser,
  checkAuthorization,
  createFirstUser,
  createSessionKey,
  createToken,
  createUser,
  deleteKey,
  deleteUser,
  getAuthMethods,
  getFirstUser,
  getKey,
  getOrganizationOfUser,
  getUser,
  getUserRoles,
  listOrganizationsOfUser,
  listTokens,
  listUsers,
  login,
  logout,
  suspendUser,
  type User,
  updateUserPassword,
} from '../../api/users.ts'
import { ensureStarterTemplates } from '../builds/starter-templates.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { createKey } from '../keys.ts'
import { requireOrganization, requireUser } from '../load.ts'
import { createOwner, hasUsers, insertUser } from '../owner.ts'
import { hashPassword, refusePassword, verifyPassword } from '../passwords.ts'
import { authorize, can, isAllowed } from '../policy.ts'
import { type Served, serve } from '../serve.ts'
import { clearSession, setSession } from '../session.ts'
import { toOrganization } from './organizations.ts'

export function registerUserRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config } = context

  serve(app, getFirstUser, async () => {
    if (!(await hasUsers(db))) throw new ApiError(404, 'The initial user has not been created!')
    return { message: 'The initial user has already been created!' }
  })

  serve(app, createFirstUser, async ({ body }) => {
    refuseWeakPassword(body.password)
    const user = await createOwner(context, {
      username: body.username,
      email: body.email,
      name: body.name ?? '',
      hashedPassword: await hashPassword(body.password),
      loginType: 'password',
    })
    await ensureStarterTemplates(context)
    const [organizationId] = await organizationIdsOf(db, user.id)
    return { user_id: user.id, organization_id: organizationId ?? '' }
  })

  serve(app, login, async ({ body, ip, reply }) => {
    const user = await findUserByEmail(db, body.email)
    if (!(await verifyPassword(body.password, user?.hashed_password ?? null)) || !user) {
      throw new ApiError(401, 'Incorrect email or password.')
    }
    if (user.status === 'suspended') throw unauthorized('Your account is suspended. Ask an admin to activate it.')
    const key = await createKey(db, {
      userId: user.id,
      loginType: 'password',
      lifetimeSeconds: config.sessionSeconds,
      ip,
    })
    setSession(reply, config, key)
    return { session_token: key }
  })

  serve(app, logout, async (request) => {
    authorize(request, 'delete', { resource: 'api_key', ownerId: request.principal.userId })
    await db.deleteFrom('api_keys').where('id', '=', request.principal.keyId).execute()
    clearSession(request.reply)
    return { message: 'Logged out!' }
  })

  serve(app, getAuthMethods, async () => ({
    password: { enabled: true },
    github: { enabled: false, default_provider_configured: false },
    oidc: { enabled: false, signInText: '', iconUrl: '' },
  }))

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
      .execute((tx) =>
        insertUser(tx, {
          username: body.username,
          email: body.email,
          name: body.name ?? '',
          hashedPassword,
          loginType,
          status: body.user_status ?? 'dormant',
          roles: [],
        }),
      )
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? new ApiError(409, 'User already exists.') : error
      })
    return toUser(db, user)
  })

  serve(app, getUser, async (request) => toUser(db, await requireUser(context, request, request.params.user, 'read')))

  serve(app, deleteUser, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'delete')
    if (user.id === request.principal.userId) throw new ApiError(400, 'You cannot delete yourself!')
    if (await ownsWorkspaces(db, user.id)) {
      throw new ApiError(417, 'You cannot delete a user that has workspaces. Delete their workspaces and try again!')
    }
    await db.updateTable('users').set({ deleted: true, updated_at: new Date() }).where('id', '=', user.id).execute()
    await db.deleteFrom('api_keys').where('user_id', '=', user.id).execute()
    return { message: 'User has been deleted!' }
  })

  serve(app, updateUserPassword, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update')
    const { old_password: old, password } = request.body
    refuseWeakPassword(password)
    const mustProve = user.id === request.principal.userId && user.hashed_password !== null
    if (mustProve && !(await verifyPassword(old ?? '', user.hashed_password))) {
      throw new ApiError(400, 'Old password is incorrect.', {
        validations: [{ field: 'old_password', detail: 'is incorrect' }],
      })
    }
    await db
      .updateTable('users')
      .set({ hashed_password: await hashPassword(password), login_type: 'password', updated_at: new Date() })
      .where('id', '=', user.id)
      .execute()
    return null
  })

  const setStatus = async (request: Served<typeof suspendUser>, status: 'active' | 'suspended') => {
    const user = await requireUser(context, request, request.params.user, 'update')
    authorize(request, 'create', { resource: 'user' })
    if (status === 'suspended' && user.id === request.principal.userId)
      throw new ApiError(400, 'You cannot suspend yourself.')
    if (status === 'suspended' && user.rbac_roles.includes('owner')) {
      throw new ApiError(400, 'You cannot suspend a user with the "owner" role. You must remove the role first.')
    }
    const changed = await db
      .updateTable('users')
      .set({ status, updated_at: new Date() })
      .where('id', '=', user.id)
      .returningAll()
      .executeTakeFirstOrThrow()
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

  serve(app, createSessionKey, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'create')
    const key = await createKey(db, {
      userId: user.id,
      loginType: user.login_type,
      lifetimeSeconds: sharedSessionSeconds,
      ip: request.ip,
    })
    return { key }
  })

  serve(app, getKey, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'read')
    const row = await findKeyRow(db, user.id, request.params.keyid)
    if (!row) throw notFound()
    return toApiKey(row)
  })

  serve(app, deleteKey, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'delete')
    const row = await findKeyRow(db, user.id, request.params.keyid)
    if (!row) throw notFound()
    await db.deleteFrom('api_keys').where('id', '=', row.id).execute()
    return null
  })

  serve(app, listTokens, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'list')
    const showsAll = request.query.include_all === true && can(request.principal, 'list', { resource: 'api_key' })
    const rows = await db
      .selectFrom('api_keys')
      .innerJoin('users', 'users.id', 'api_keys.user_id')
      .selectAll('api_keys')
      .select('users.username')
      .where('api_keys.login_type', '=', 'token')
      .$if(!showsAll, (query) => query.where('user_id', '=', user.id))
      .$if(request.query.include_expired !== true, (query) => query.where('expires_at', '>', new Date()))
      .orderBy('api_keys.created_at')
      .execute()
    return rows.map((row) => ({ ...toApiKey(row), username: row.username }))
  })

  serve(app, createToken, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'create')
    const { body } = request
    const lifetimeSeconds = body.lifetime ? Math.floor(body.lifetime / 1e9) : defaultTokenSeconds
    const key = await createKey(db, {
      userId: user.id,
      loginType: 'token',
      lifetimeSeconds,
      ip: request.ip,
      tokenName: body.token_name ?? '',
      ...(body.scopes ? { scopes: body.scopes } : {}),
    }).catch((error: unknown) => {
      throw isUniqueViolation(error)
        ? new ApiError(409, `A token with name "${body.token_name}" already exists.`)
        : error
    })
    return { key }
  })

  serve(app, checkAuthorization, async (request) => {
    isAllowed(request, 'read', { resource: 'user' })
    return Object.fromEntries(
      Object.entries(request.body.checks).map(([name, { object, action }]) => [name, mayDo(request, object, action)]),
    )
  })
}

/** A key handed to another program of the same user: as long as Coder gives it. */
const sharedSessionSeconds = 7 * 24 * 3600
const defaultTokenSeconds = 7 * 24 * 3600

/** Coder's words for actions that are ours under another name. */
const actionNames: Record<string, string> = {
  view_insights: 'read',
  ssh: 'connect',
  application_connect: 'connect',
  start: 'update',
  stop: 'update',
}

function mayDo(
  request: Served<typeof checkAuthorization>,
  object: { resource_type: string; owner_id?: string | null },
  action: string,
) {
  if (request.principal.roles.includes('owner')) return true
  const subject = {
    resource: object.resource_type as never,
    ...(object.owner_id ? { ownerId: object.owner_id.replace(/^me$/, request.principal.userId) } : {}),
  }
  return can(request.principal, (actionNames[action] ?? action) as never, subject)
}

async function requireKeyOwner(
  context: ServerContext,
  request: Parameters<typeof requireUser>[1],
  name: string,
  action: 'create' | 'read' | 'delete' | 'list',
) {
  const user = await requireUser(context, request, name, 'read')
  authorize(request, action, { resource: 'api_key', ownerId: user.id })
  return user
}

function refuseWeakPassword(password: string): void {
  const reason = refusePassword(password)
  if (reason) throw validationFailed([{ field: 'password', detail: reason }])
}

async function findUserByEmail(db: Db, email: string) {
  return db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .where((eb) => eb(eb.fn('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst()
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

async function findKeyRow(db: Db, userId: string, id: string) {
  return db.selectFrom('api_keys').selectAll().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
}

async function organizationIdsOf(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('organization_members')
    .select('organization_id')
    .where('user_id', '=', userId)
    .execute()
  return rows.map((row) => row.organization_id)
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&')

const isUniqueViolation = (error: unknown) => error instanceof Error && 'code' in error && error.code === '23505'

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

function toApiKey(row: Row<'api_keys'>): ApiKey {
  return {
    id: row.id,
    user_id: row.user_id,
    last_used: row.last_used_at?.toISOString() ?? zeroTime,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    login_type: row.login_type as ApiKey['login_type'],
    scope: 'all',
    scopes: row.scopes,
    token_name: row.token_name,
    lifetime_seconds: row.lifetime_seconds,
    allow_list: [{ type: '*', id: '*' }],
  }
}
