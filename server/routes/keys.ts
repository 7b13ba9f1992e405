// The keys of users. What a key looks like and how it is proven is server/keys.ts.

import type { FastifyInstance } from 'fastify'
import { zeroTime } from '../../api/common.ts'
import { ApiError, notFound, validationFailed } from '../../api/errors.ts'
import { type ApiKey, createSessionKey, createToken, deleteKey, getKey, listTokens } from '../../api/keys.ts'
import type { ServerContext } from '../context.ts'
import { type Db, isUniqueViolation } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { createKey } from '../keys.ts'
import { requireUser } from '../load.ts'
import { type Asker, authorize, can } from '../policy.ts'
import { serve } from '../serve.ts'

/** A key handed to another program of the same user: as long as Coder gives it. */
const sharedSessionSeconds = 7 * 24 * 3600
const defaultTokenSeconds = 7 * 24 * 3600

/** The scopes that mean everything; a key that promises less must not be able to do more. */
const fullScopes = new Set(['all', 'coder:all'])

export function registerKeyRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

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
    const narrow = body.scopes?.filter((scope) => !fullScopes.has(scope)) ?? []
    if (narrow.length > 0 || (body.allow_list?.some(({ type, id }) => type !== '*' || id !== '*') ?? false)) {
      throw validationFailed([
        {
          field: 'scopes',
          detail: 'tokens that may do less than their user are not to be had yet: leave scopes and allow_list out',
        },
      ])
    }
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
}

async function requireKeyOwner(
  context: ServerContext,
  request: Asker,
  name: string,
  action: 'create' | 'read' | 'delete' | 'list',
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
    scope: 'all',
    scopes: row.scopes,
    token_name: row.token_name,
    lifetime_seconds: row.lifetime_seconds,
    allow_list: [{ type: '*', id: '*' }],
  }
}
