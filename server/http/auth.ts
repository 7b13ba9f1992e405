// Authentication: finds the token of a request, and the user or agent it belongs to. Authorization is in policy.ts,
// checks that do not depend on the caller are in request-guards.ts.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Cookies, parseCookie } from 'cookie'
import { sql } from 'kysely'
import type { Pool } from 'pg'
import type { Endpoint } from '../../api/endpoint.ts'
import { unauthorized } from '../../api/errors.ts'
import { localSecretHeader, pageProofHeader, pageProofQuery } from '../../api/local.ts'
import { isUuid } from '../../lib/uuid.ts'
import { hashAgentToken } from '../agents/agent-token.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { groupRolesByOrganization } from '../policy/custom-roles.ts'
import type { Principal } from '../policy/policy.ts'
import type { AllowedObject } from '../policy/scopes.ts'
import { matchesSecret, parseKey } from '../users/api-keys.ts'
import { isPageProof } from '../users/page-sessions.ts'
import type { CachedSession } from '../users/session-cache.ts'
import type { HttpContext } from './http-context.ts'
import { findTerminalToken, readTerminalToken } from './terminal-tokens.ts'

export const sessionCookie = 'coder_session_token'

/** A token and its source. Browsers attach cookies automatically, which is why cookies need CSRF protection. */
export interface Token {
  readonly value: string
  readonly from: 'cookie' | 'query' | 'header'
}

/** The token of a request, from the places and in the order that Coder uses. The query is only read for WebSocket
 *  upgrades, where browsers cannot set headers: URLs end up in logs and histories. */
export function findToken(request: IncomingMessage): Token | null {
  const query = upgradeQuery(request)
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const sources: [Token['from'], string | null | undefined][] = [
    ['cookie', readCookies(request)[sessionCookie]],
    ['query', query?.get('coder_session_token')],
    ['header', singleHeader(request.headers['coder-session-token'])],
    ['header', bearer],
    ['query', query?.get('access_token')],
  ]
  const found = sources.find(([, value]) => value)
  return found?.[1] ? { value: found[1], from: found[0] } : null
}

/** The query of a WebSocket upgrade; null for other requests. */
const upgradeQuery = ({ url = '/', headers }: IncomingMessage) =>
  headers.upgrade === undefined ? null : new URL(url, 'http://localhost').searchParams

export const readCookies = ({ headers }: IncomingMessage): Cookies => parseCookie(headers.cookie ?? '')

/** The value of a header; undefined if it was sent more than once. */
export function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value
}

export interface Identity {
  readonly principal: Principal | null
  readonly agent: AgentPrincipal | null
}

const anonymous: Identity = { principal: null, agent: null }

/** Verifies the credentials that the endpoint's access kind requires.
 *  @throws ApiError 401 if they are missing or invalid */
export async function authenticate(
  context: HttpContext,
  endpoint: Endpoint,
  request: IncomingMessage,
): Promise<Identity> {
  switch (endpoint.access.kind) {
    case 'public':
      return anonymous
    case 'local-secret':
      requireLocalSecret(context, request)
      return anonymous
    case 'agent':
      return { principal: null, agent: await requireAgent(context.db, findToken(request)) }
    case 'user':
      return { principal: await requireUser(context, request), agent: null }
  }
}

function requireLocalSecret(context: HttpContext, request: IncomingMessage): void {
  const secret = singleHeader(request.headers[localSecretHeader]) ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  if (!timingSafeEqual(digest(secret), digest(context.secret))) {
    throw unauthorized('This endpoint requires the secret in run.json of the data folder.')
  }
}

// Using a session extends it and updates the user's last-seen time. Hourly precision avoids a write per request.
const lastUsedPrecisionMs = 60 * 60_000
const isOutOfDate = (recorded: Date | null, now: number) => now - (recorded?.getTime() ?? 0) > lastUsedPrecisionMs

/** A terminal token takes precedence: if the URL contains one, cookies and headers are ignored. */
async function requireUser(context: HttpContext, request: IncomingMessage): Promise<Principal> {
  const signed = findTerminalToken(request)
  if (!signed) return await requirePrincipal(context, request)
  const keyId = await readTerminalToken(context.db, signed.token, signed.agentId)
  if (keyId === null) throw unauthorized('The token is not valid for this terminal, or is older than a minute.')
  const found = await context.sessions.find(keyId, () => readSignedIn(context.pool, keyId))
  if (!found) throw unauthorized('The API key that the token was issued for no longer exists.')
  return await requireActiveSession(context, found)
}

async function requirePrincipal(context: HttpContext, request: IncomingMessage): Promise<Principal> {
  const token = findToken(request)
  if (!token)
    throw unauthorized('Cookie "coder_session_token" or header "Coder-Session-Token" must contain an API key.')
  const parts = parseKey(token.value)
  if (!parts) throw unauthorized('The API key does not have the form <id>-<secret>.')
  const found = await context.sessions.find(parts.id, () => readSignedIn(context.pool, parts.id))
  if (!found || !matchesSecret(found.hashedSecret, parts.secret)) throw unauthorized('The API key is not valid.')
  await requirePageProof(context, request, found)
  return await requireActiveSession(context, found)
}

/** @throws ApiError 401 if the session belongs to a page and the request does not */
async function requirePageProof(context: HttpContext, request: IncomingMessage, found: CachedSession): Promise<void> {
  if (found.pagePort === null) return
  const proof = singleHeader(request.headers[pageProofHeader]) ?? upgradeQuery(request)?.get(pageProofQuery) ?? ''
  if (await isPageProof(context, found, proof)) return
  throw unauthorized('This session works only in the page that signed in. Create a token for other programs.')
}

async function requireActiveSession(context: HttpContext, found: CachedSession): Promise<Principal> {
  const now = Date.now()
  if (found.expiresAt.getTime() <= now) throw unauthorized('The API key has expired.')
  if (found.user.status === 'suspended') throw unauthorized('The user is suspended. An admin can activate it again.')
  const { last_seen_at: lastSeenAt, status } = found.user
  if (status === 'dormant' || isOutOfDate(found.lastUsedAt, now) || isOutOfDate(lastSeenAt, now))
    await recordUse(context, found)
  usersByPrincipal.set(found.principal, found.user)
  return found.principal
}

const usersByPrincipal = new WeakMap<Principal, Row<'users'>>()

/** The row of the signed-in user, as read during authentication. */
export const signedInUser = (principal: Principal | null): Row<'users'> | undefined =>
  principal ? usersByPrincipal.get(principal) : undefined

interface KeyColumns {
  readonly key_id: string
  readonly key_hashed_secret: Buffer
  readonly key_expires_at: Date
  readonly key_last_used_at: Date | null
  readonly key_scopes: string[]
  readonly key_allow_list: AllowedObject[]
  readonly key_page_port: number | null
  readonly organization_roles: Record<string, string[]>
  readonly group_ids: string[]
  readonly custom_roles: Pick<
    Row<'custom_roles'>,
    'organization_id' | 'name' | 'display_name' | 'organization_permissions' | 'member_permissions'
  >[]
}

/** A named prepared statement, since nearly every request runs it. */
const signedInQuery = {
  name: 'signed-in',
  text: `
    select
      users.*,
      key.id as key_id, key.hashed_secret as key_hashed_secret, key.expires_at as key_expires_at,
      key.last_used_at as key_last_used_at, key.scopes as key_scopes, key.allow_list as key_allow_list, key.page_port as key_page_port,
      (
        select coalesce(jsonb_object_agg(organization_id, roles), '{}') from organization_members
        where user_id = users.id
      ) as organization_roles,
      array(select group_id from members_of_groups where user_id = users.id) as group_ids,
      (
        select coalesce(jsonb_agg(role), '[]') from custom_roles role
        join organization_members member on member.organization_id = role.organization_id
        where member.user_id = users.id and role.name = any(member.roles)
      ) as custom_roles
    from api_keys key join users on users.id = key.user_id
    where key.id = $1 and not users.deleted`,
}

async function readSignedIn(pool: Pool, keyId: string): Promise<CachedSession | null> {
  const { rows } = await pool.query<Row<'users'> & KeyColumns>({ ...signedInQuery, values: [keyId] })
  const [row] = rows
  if (!row) return null
  const {
    key_id,
    key_hashed_secret: hashedSecret,
    key_expires_at: expiresAt,
    key_last_used_at: lastUsedAt,
    key_scopes: scopes,
    key_allow_list: allowList,
    key_page_port: pagePort,
    organization_roles: organizationRoles,
    group_ids: groupIds,
    custom_roles: customRoles,
    ...user
  } = row
  const principal: Principal = {
    userId: user.id,
    username: user.username,
    email: user.email,
    roles: user.rbac_roles,
    organizationRoles,
    customRoles: groupRolesByOrganization(customRoles),
    groupIds,
    keyId: key_id,
    limits: { scopes, allowList },
  }
  return { principal, user, hashedSecret, pagePort, expiresAt, lastUsedAt }
}

/** Extends a session (named tokens keep their expiry) and reactivates a dormant user. */
async function recordUse({ db, sessions, config }: HttpContext, { principal, user }: CachedSession): Promise<void> {
  const now = new Date()
  await db
    .updateTable('api_keys')
    .set({
      last_used_at: now,
      updated_at: now,
      expires_at: sql`case when login_type = 'token' or ${config.disableSessionExpiryRefresh} then expires_at else ${now}::timestamptz + lifetime_seconds * interval '1 second' end`,
    })
    .where('id', '=', principal.keyId)
    .execute()
  await db
    .updateTable('users')
    .set({ last_seen_at: now, ...(user.status === 'dormant' ? { status: 'active' as const } : {}) })
    .where('id', '=', user.id)
    .execute()
  sessions.evict(user.id)
}

async function requireAgent(db: Db, token: Token | null): Promise<AgentPrincipal> {
  if (!token) throw unauthorized('Header "Coder-Session-Token" must contain the agent token.')
  if (!isUuid(token.value)) throw unauthorized('The agent token is not a UUID.')
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

/** The agent with this token. A later successful build of its workspace invalidates the token. */
async function findAgentByToken(db: Db, token: string) {
  return db
    .selectFrom('workspace_agents')
    .innerJoin('workspace_resources', 'workspace_resources.id', 'workspace_agents.resource_id')
    .innerJoin('workspace_builds', 'workspace_builds.job_id', 'workspace_resources.job_id')
    .innerJoin('workspaces', 'workspaces.id', 'workspace_builds.workspace_id')
    .where('workspace_agents.hashed_auth_token', '=', hashAgentToken(token))
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
