// Who asks: finds the token of a request, and the user or agent behind it. What they may do belongs to policy.ts,
// whether the request may come in at all to guards.ts.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { sql } from 'kysely'
import type { Endpoint } from '../api/endpoint.ts'
import { unauthorized } from '../api/errors.ts'
import { localSecretHeader } from '../api/local.ts'
import type { ServerContext } from './context.ts'
import type { Db } from './database/connect.ts'
import { parseKey, sameSecret } from './keys.ts'
import type { Principal } from './policy.ts'
import type { AgentPrincipal } from './serve.ts'

export const sessionCookie = 'coder_session_token'

/** How a token came in: only a cookie is sent by a browser without being asked. */
export interface Token {
  readonly value: string
  readonly from: 'cookie' | 'query' | 'header'
}

/** The token of a request, looked for where Coder's clients put it, in Coder's order. */
export function findToken(request: IncomingMessage): Token | null {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const places: [Token['from'], string | null | undefined][] = [
    ['cookie', readCookies(request)[sessionCookie]],
    ['query', query.get('coder_session_token')],
    ['header', single(request.headers['coder-session-token'])],
    ['header', bearer],
    ['query', query.get('access_token')],
  ]
  const found = places.find(([, value]) => value)
  return found?.[1] ? { value: found[1], from: found[0] } : null
}

export function readCookies(request: IncomingMessage): Record<string, string> {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='))
  return Object.fromEntries(pairs.filter(([name]) => name).map(([name, ...value]) => [name, value.join('=')]))
}

/** The value of a header that must not be doubled. */
export function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value
}

export interface Identity {
  readonly principal: Principal | null
  readonly agent: AgentPrincipal | null
}

const nobody: Identity = { principal: null, agent: null }

/** Asks for the proof that the endpoint's access demands.
 *  @throws ApiError 401 when it is missing or does not hold. */
export async function authenticate(
  context: ServerContext,
  endpoint: Endpoint,
  request: IncomingMessage,
): Promise<Identity> {
  switch (endpoint.access.kind) {
    case 'public':
      return nobody
    case 'local-secret':
      requireSecret(context, request)
      return nobody
    case 'agent':
      return { principal: null, agent: await requireAgent(context.db, findToken(request)) }
    case 'user':
      return { principal: await requirePrincipal(context.db, findToken(request)), agent: null }
  }
}

function requireSecret(context: ServerContext, request: IncomingMessage): void {
  const given = single(request.headers[localSecretHeader]) ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(digest(given), digest(context.secret))) {
    throw unauthorized('This endpoint asks for the secret in run.json of the data folder.')
  }
}

/** The hour after which the use of a key is written down again: every use would be a write per request. */
const lastUsedPrecisionMs = 60 * 60_000

async function requirePrincipal(db: Db, token: Token | null): Promise<Principal> {
  if (!token) throw unauthorized('Cookie "coder_session_token" or header "Coder-Session-Token" must hold a key.')
  const parts = parseKey(token.value)
  if (!parts) throw unauthorized('The key has not the form <id>-<secret>.')
  const row = await findKey(db, parts.id)
  if (!row || !sameSecret(row.hashed_secret, parts.secret)) throw unauthorized('The key is not known.')
  const now = Date.now()
  if (row.expires_at.getTime() <= now) throw unauthorized('The key has expired.')
  if (row.status === 'suspended') throw unauthorized('The user is suspended.')
  if (now - (row.last_used_at?.getTime() ?? 0) > lastUsedPrecisionMs) await noteUse(db, row)
  return {
    userId: row.user_id,
    username: row.username,
    email: row.email,
    roles: row.rbac_roles,
    organizationRoles: row.organization_roles,
    keyId: parts.id,
    limits: { scopes: row.scopes, allowList: row.allow_list },
  }
}

type KeyRow = NonNullable<Awaited<ReturnType<typeof findKey>>>

async function findKey(db: Db, id: string) {
  return db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .where('api_keys.id', '=', id)
    .where('users.deleted', '=', false)
    .select([
      'api_keys.id',
      'api_keys.hashed_secret',
      'api_keys.user_id',
      'api_keys.expires_at',
      'api_keys.last_used_at',
      'api_keys.lifetime_seconds',
      'api_keys.login_type',
      'users.username',
      'users.email',
      'users.status',
      'users.rbac_roles',
      'api_keys.scopes',
      'api_keys.allow_list',
      sql<Record<string, string[]>>`(
        select coalesce(jsonb_object_agg(organization_id, roles), '{}') from organization_members
        where user_id = users.id
      )`.as('organization_roles'),
    ])
    .executeTakeFirst()
}

/** A session slides on with its use; a named token ends when it was said to end. */
async function noteUse(db: Db, key: KeyRow): Promise<void> {
  const now = new Date()
  const slides = key.login_type !== 'token'
  await db
    .updateTable('api_keys')
    .set({
      last_used_at: now,
      updated_at: now,
      ...(slides ? { expires_at: new Date(now.getTime() + key.lifetime_seconds * 1000) } : {}),
    })
    .where('id', '=', key.id)
    .execute()
  await db
    .updateTable('users')
    .set({ last_seen_at: now, ...(key.status === 'dormant' ? { status: 'active' as const } : {}) })
    .where('id', '=', key.user_id)
    .execute()
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

async function requireAgent(db: Db, token: Token | null): Promise<AgentPrincipal> {
  if (!token) throw unauthorized('An agent sends its token in the header "Coder-Session-Token".')
  if (!uuidForm.test(token.value)) throw unauthorized('The token of an agent is a UUID.')
  const row = await findAgentByToken(db, token.value)
  if (!row) throw unauthorized('No agent has this token: its workspace was rebuilt, stopped or deleted.')
  return {
    agentId: row.agent_id,
    name: row.agent_name,
    workspaceId: row.workspace_id,
    ownerId: row.owner_id,
    buildId: row.build_id,
  }
}

/** The agent with this token, as long as no later build of its workspace succeeded: a token ends with its build. */
async function findAgentByToken(db: Db, token: string) {
  return db
    .selectFrom('workspace_agents')
    .innerJoin('workspace_resources', 'workspace_resources.id', 'workspace_agents.resource_id')
    .innerJoin('workspace_builds', 'workspace_builds.job_id', 'workspace_resources.job_id')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_builds.workspace_id')
    .where('workspace_agents.auth_token', '=', token)
    .where('workspaces.deleted', '=', false)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('workspace_builds as later')
            .innerJoin('provisioner_jobs', 'provisioner_jobs.id', 'later.job_id')
            .whereRef('later.workspace_id', '=', 'workspaces.id')
            .whereRef('later.build_number', '>', 'workspace_builds.build_number')
            .where('provisioner_jobs.job_status', '=', 'succeeded')
            .select('later.id'),
        ),
      ),
    )
    .select([
      'workspace_agents.id as agent_id',
      'workspace_agents.name as agent_name',
      'workspaces.id as workspace_id',
      'workspaces.owner_id',
      'workspace_builds.id as build_id',
    ])
    .orderBy('workspace_builds.build_number', 'desc')
    .executeTakeFirst()
}
