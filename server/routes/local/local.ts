// Endpoints that Coder does not have: server verification and shutdown, one-time links, pushed events, local computer.

import { arch, homedir, hostname, platform, userInfo } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { unauthorized } from '../../../api/errors.ts'
import { eventPingEveryMs, type PushedEvent } from '../../../api/events.ts'
import {
  createLaunchCode,
  createOwnLaunchCode,
  exchangeLaunchCode,
  getPageChallenge,
  getThisComputer,
  inspectLaunchCode,
  proveDeployment,
  stopDeployment,
  watchEvents,
} from '../../../api/local.ts'
import { computeProof } from '../../../lib/run-file.ts'
import { version } from '../../../lib/version.ts'
import { audit, withUser } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { isDashboardPage, sendSession } from '../../http/session-cookie.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { authorize, isPermitted, type Principal, requireUnlimitedKey } from '../../policy/policy.ts'
import { ensureStarterTemplates, findLocalTemplate } from '../../templates/starter-templates.ts'
import {
  createKey,
  findUserOfLaunchCode,
  createLaunchCode as makeLaunchCode,
  takeLaunchCode,
} from '../../users/api-keys.ts'
import { pagePort, readPageChallenge } from '../../users/page-sessions.ts'
import { findOrCreateOwner } from '../../users/users.ts'

export function registerLocalRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config } = context

  serve(app, proveDeployment, async ({ body }) => ({
    proof: computeProof(context.secret, body.nonce),
    pid: process.pid,
    version,
  }))

  const createLink = async (userId: string | null) => {
    const { code, expiresAt } = await makeLaunchCode(db, userId)
    return { code, url: `${context.accessUrl}/#code=${code}`, expires_at: expiresAt.toISOString() }
  }
  serve(app, createLaunchCode, () => createLink(null))
  serve(app, createOwnLaunchCode, (request) => {
    authorize(request, 'create', { resource: 'launch_code', ownerId: request.principal.userId })
    requireUnlimitedKey(request.principal)
    return createLink(request.principal.userId)
  })

  serve(app, getPageChallenge, async () => ({ challenge: await readPageChallenge(context) }))

  serve(app, inspectLaunchCode, async ({ body }) => {
    const userId = await findUserOfLaunchCode(db, body.code)
    if (userId === undefined) throw staleLink()
    if (userId === null) return { username: '' }
    const { username } = await db
      .selectFrom('users')
      .select('username')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()
    return { username }
  })

  serve(app, exchangeLaunchCode, async (request) => {
    const { body, ip } = request
    const redeemed = await takeLaunchCode(db, body.code)
    if (!redeemed) throw staleLink()
    const userId = redeemed.userId ?? (await findOrCreateOwner(context)).id
    await ensureStarterTemplates(context)
    const key = await db.transaction().execute(async (tx) => {
      await audit(tx, withUser(request, userId), { action: 'login', resource: 'api_key', id: userId, target: '' })
      return await createKey(tx, {
        userId,
        loginType: 'none',
        lifetimeSeconds: config.sessionDuration / 1000,
        ip,
        ...(isDashboardPage(request.headers) && { pagePort: pagePort(context) }),
      })
    })
    await sendSession(context, request, key)
    return { session_token: key }
  })

  serve(app, stopDeployment, async () => {
    context.requestStop()
    return { message: 'Coder Local is stopping. Workspaces keep running.' }
  })

  serve(app, getThisComputer, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    const { templateId, problem } = await findLocalTemplate(db)
    return {
      hostname: hostname(),
      username: userInfo().username,
      home: homedir(),
      os: platform(),
      arch: arch(),
      template_id: templateId,
      problem,
    }
  })

  serveUpgrade(app, watchEvents, async (request) => {
    authorize(request, 'list', { resource: 'workspace', ownerId: request.principal.userId })
    const socket = await request.upgrade.webSocket()
    const isVisible = createEventFilter(context, request.principal)
    const send = (event: PushedEvent) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event))
    }
    const stop = context.events.subscribe((event) => {
      isVisible(event).then(
        (visible) => visible && send(event),
        (error: unknown) => request.log.warn({ err: error }, 'could not deliver an event'),
      )
    })
    const pings = setInterval(() => send({ type: 'ping' }), eventPingEveryMs)
    socket.on('close', () => {
      clearInterval(pings)
      stop()
    })
    send({ type: 'hello', boot: context.boot, version })
  })
}

const staleLink = () =>
  unauthorized(
    'This link was already used or has expired. Create a new one with "coder login-link", or with "Open in browser" in the app.',
  )

/** Filters events by visibility: events of a workspace are sent to users with permission to read it. */
function createEventFilter({ db }: ServerContext, principal: Principal): (event: PushedEvent) => Promise<boolean> {
  const isOthers = (event: PushedEvent) => event.type === 'inbox' && event.user_id !== principal.userId
  if (isPermitted(principal, 'read', { resource: 'workspace' })) return async (event) => !isOthers(event)
  const owners = new Map<string, string>()
  return async (event) => {
    if (event.type !== 'workspace') return !isOthers(event)
    if (!owners.has(event.workspace_id)) {
      const row = await db
        .selectFrom('workspaces')
        .select('owner_id')
        .where('id', '=', event.workspace_id)
        .executeTakeFirst()
      owners.set(event.workspace_id, row?.owner_id ?? '')
    }
    return isPermitted(principal, 'read', { resource: 'workspace', ownerId: owners.get(event.workspace_id) ?? '' })
  }
}
