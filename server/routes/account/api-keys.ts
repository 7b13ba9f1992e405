// API keys of users. Their format and verification are in server/users/api-keys.ts.

import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import {
  type ApiKey,
  type CreateTokenRequest,
  createSessionKey,
  createToken,
  deleteKey,
  getKey,
  getToken,
  getTokenConfig,
  listScopes,
  listTokens,
} from '../../../api/account/api-keys.ts'
import { zeroTime } from '../../../api/common.ts'
import { ApiError, forbidden, notFound, validationFailed } from '../../../api/errors.ts'
import { isUuid } from '../../../lib/uuid.ts'
import { type Actor, audit } from '../../audit/audit.ts'
import type { Config } from '../../config.ts'
import type { ServerContext } from '../../context.ts'
import { type Db, isUniqueViolation } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireUser } from '../../lookup/users.ts'
import { type AuthzContext, authorize, isPermitted } from '../../policy/policy.ts'
import {
  type AllowedObject,
  areLimitsWithin,
  isAllowedType,
  isScope,
  type KeyLimits,
  offeredScopes,
} from '../../policy/scopes.ts'
import { createKey, type NewKey } from '../../users/api-keys.ts'

export function registerKeyRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, sessions, config } = context

  serve(app, createSessionKey, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'create')
    const key = await createAuditedKey(db, request, {
      userId: user.id,
      loginType: user.login_type,
      lifetimeSeconds: config.defaultTokenLifetime / 1000,
      ip: request.ip,
      limits: request.principal.limits,
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
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('api_keys').where('id', '=', row.id).execute()
      await audit(tx, request, {
        action: 'delete',
        resource: 'api_key',
        id: user.id,
        target: row.token_name,
        before: row,
        status: 204,
      })
    })
    sessions.evict(user.id)
    return null
  })

  serve(app, getTokenConfig, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'read')
    return { max_token_lifetime: maxTokenLifetime(config, user) * 1e6 }
  })

  serve(app, getToken, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'read')
    const row = await db
      .selectFrom('api_keys')
      .selectAll()
      .where('user_id', '=', user.id)
      .where('login_type', '=', 'token')
      .where('token_name', '=', request.params.keyname)
      .executeTakeFirst()
    if (!row) throw notFound()
    return toApiKey(row)
  })

  serve(app, listScopes, async () => ({ external: [...offeredScopes] }))

  serve(app, listTokens, async (request) => {
    const user = await requireKeyOwner(context, request, request.params.user, 'read')
    const showsAll =
      request.query.include_all === true && isPermitted(request.principal, 'read', { resource: 'api_key' })
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
    const limits = parseLimits(body, request.principal.limits)
    const lifetimeSeconds = parseLifetime(
      body.lifetime,
      config.defaultTokenLifetime / 1000,
      maxTokenLifetime(config, user) / 1000,
    )
    const key = await createAuditedKey(db, request, {
      userId: user.id,
      loginType: 'token',
      lifetimeSeconds,
      ip: request.ip,
      tokenName: body.token_name || randomTokenName(),
      limits,
    }).catch((error: unknown) => {
      throw isUniqueViolation(error)
        ? new ApiError(409, `A token with name "${body.token_name}" already exists.`)
        : error
    })
    return { key }
  })
}

/** In milliseconds. Tokens of owners have a separate limit, because they are unrestricted. */
function maxTokenLifetime(config: Config, user: Row<'users'>): number {
  return user.rbac_roles.includes('owner') ? config.maxAdminTokenLifetime : config.maxTokenLifetime
}

/** @param nanoseconds 0 or absent for the default. @throws ApiError 400 */
function parseLifetime(nanoseconds: number | null | undefined, defaultSeconds: number, maxSeconds: number): number {
  if (!nanoseconds) return Math.min(defaultSeconds, maxSeconds)
  const seconds = Math.floor(nanoseconds / 1e9)
  const invalid = (detail: string) => validationFailed([{ field: 'lifetime', detail }])
  if (seconds < 1) throw invalid('must be at least one second, in nanoseconds')
  if (seconds > maxSeconds) throw invalid(`must be at most ${maxSeconds / 3600} hours, in nanoseconds`)
  return seconds
}

/** For tokens created without a name. */
const randomTokenName = () => `token-${randomBytes(4).toString('hex')}`

/** @throws ApiError 400 for unknown scopes and invalid objects */
function parseLimits(body: CreateTokenRequest, keyLimits: KeyLimits): KeyLimits {
  const scopes = body.scopes?.length ? body.scopes : body.scope ? [body.scope] : keyLimits.scopes
  const allowList = body.allow_list?.length ? body.allow_list.map(parseAllowedObject) : keyLimits.allowList
  const validations = [
    ...scopes
      .filter((scope) => !isScope(scope))
      .map((scope) => ({
        field: 'scopes',
        detail: `"${scope}" is not a scope; use resource:action, such as workspace:read`,
      })),
    ...allowList
      .filter(({ type, id }) => !isAllowedType(type) || !(id === '*' || isUuid(id)))
      .map(({ type, id }) => ({
        field: 'allow_list',
        detail: `"${type}:${id}" is not a resource type followed by a UUID or *`,
      })),
  ]
  if (validations.length > 0) throw validationFailed(validations)
  if (!areLimitsWithin({ scopes, allowList }, keyLimits)) {
    throw forbidden(
      'The new key would have more permissions than the current one. Sign in, or request fewer permissions.',
    )
  }
  return { scopes, allowList }
}

/** Parses `workspace:<id>`; any other text results in an entry that is rejected later. */
function parseAllowedObject(text: string): AllowedObject {
  const [type = '', ...rest] = text.split(':')
  return { type, id: rest.join(':') }
}

function createAuditedKey(db: Db, actor: Actor, key: NewKey): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const secret = await createKey(tx, key)
    const after = await tx
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', secret.split('-')[0] ?? '')
      .executeTakeFirstOrThrow()
    await audit(tx, actor, {
      action: 'create',
      resource: 'api_key',
      id: key.userId,
      target: after.token_name,
      after,
      status: 201,
    })
    return secret
  })
}

async function requireKeyOwner(
  context: ServerContext,
  request: AuthzContext,
  name: string,
  action: 'create' | 'read' | 'delete',
) {
  const user = await requireUser(context, request, name, 'read')
  authorize(request, action, { resource: 'api_key', ownerId: user.id })
  return user
}

async function findKeyRow(db: Db, userId: string, id: string) {
  return db.selectFrom('api_keys').selectAll().where('user_id', '=', userId).where('id', '=', id).executeTakeFirst()
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
    scope: legacyScope(row.scopes),
    scopes: row.scopes.map((scope) => (scope === 'all' || scope === 'application_connect' ? `coder:${scope}` : scope)),
    token_name: row.token_name,
    lifetime_seconds: row.lifetime_seconds,
    allow_list: row.allow_list.map(({ type, id }) => `${type}:${id}`),
  }
}

/** The scope for older clients, which know two values; empty for others. */
function legacyScope(scopes: readonly string[]): ApiKey['scope'] {
  if (scopes.some((scope) => scope.endsWith('application_connect'))) return 'application_connect'
  return scopes.some((scope) => scope === 'all' || scope === 'coder:all') ? 'all' : ''
}
