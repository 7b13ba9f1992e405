// Initial setup, sign-in and sign-out.

import type { FastifyInstance } from 'fastify'
import { createFirstUser, getAuthMethods, getFirstUser, login, logout } from '../../../api/account/sign-in.ts'
import { zeroUuid } from '../../../api/common.ts'
import { ApiError, unauthorized } from '../../../api/errors.ts'
import { audit, auditFailures, withUser } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { requireOperator } from '../../http/operator-proof.ts'
import { serve } from '../../http/serve.ts'
import { clearSessionCookie, isDashboardPage, sendSession } from '../../http/session-cookie.ts'
import { authorize } from '../../policy/policy.ts'
import { ensureStarterTemplates } from '../../templates/starter-templates.ts'
import { createKey } from '../../users/api-keys.ts'
import { pagePort } from '../../users/page-sessions.ts'
import { assertStrongPassword, hashPassword, requirePasswordAuth, verifyPassword } from '../../users/passwords.ts'
import { createOwner, findOrganizationIds, findUserByEmail, hasUsers } from '../../users/users.ts'

export function registerSignInRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config, sessions, signInAttempts } = context

  serve(app, getFirstUser, async () => {
    if (!(await hasUsers(db))) throw new ApiError(404, 'The initial user has not been created!')
    return { message: 'The initial user has already been created!' }
  })

  serve(app, createFirstUser, async (request) => {
    const { body } = request
    await requireOperator(context, request.raw.raw, body.setup_code)
    assertStrongPassword(body.password)
    const user = await createOwner(context, {
      username: body.username,
      email: body.email,
      name: body.name ?? '',
      hashedPassword: await hashPassword(body.password),
      loginType: 'password',
    })
    await audit(db, withUser(request, user.id), {
      action: 'create',
      resource: 'user',
      id: user.id,
      target: user.username,
      after: user,
      status: 201,
    })
    await ensureStarterTemplates(context)
    const [organizationId] = await findOrganizationIds(db, user.id)
    return { user_id: user.id, organization_id: organizationId ?? '' }
  })

  serve(app, login, async (request) => {
    const { body, ip } = request
    signInAttempts.admit(body.email, ip)
    const user = await findUserByEmail(db, body.email)
    const actor = user ? withUser(request, user.id) : request
    // Pages append the target to the sentence; "signed in" has none.
    const entry = { action: 'login', resource: 'api_key', id: user?.id ?? zeroUuid, target: '' } as const
    return await auditFailures(context, actor, entry, async () => {
      if (!(await verifyPassword(body.password, user?.hashed_password ?? null)) || !user) {
        signInAttempts.fail(body.email, ip)
        throw new ApiError(401, 'Incorrect email or password.')
      }
      if (user.status === 'suspended') throw unauthorized('Your account is suspended. Ask an admin to activate it.')
      signInAttempts.succeed(body.email, ip)
      // Owners can always sign in; otherwise the setting could not be reverted.
      if (!user.rbac_roles.includes('owner')) requirePasswordAuth(config)
      const key = await db.transaction().execute(async (tx) => {
        if (user.status === 'dormant') {
          await tx.updateTable('users').set({ status: 'active' }).where('id', '=', user.id).execute()
        }
        await audit(tx, actor, { ...entry, status: 201 })
        return await createKey(tx, {
          userId: user.id,
          loginType: 'password',
          lifetimeSeconds: config.sessionDuration / 1000,
          ip,
          ...(isDashboardPage(request.headers) && { pagePort: pagePort(context) }),
        })
      })
      await sendSession(context, request, key)
      return { session_token: key }
    })
  })

  serve(app, logout, async (request) => {
    authorize(request, 'delete', { resource: 'api_key', ownerId: request.principal.userId })
    const { userId, keyId } = request.principal
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('api_keys').where('id', '=', keyId).execute()
      await audit(tx, request, { action: 'logout', resource: 'api_key', id: userId, target: '' })
    })
    sessions.evict(userId)
    clearSessionCookie(request.reply)
    return { message: 'Logged out!' }
  })

  serve(app, getAuthMethods, async () => ({
    password: { enabled: !config.disablePasswordAuth },
    github: { enabled: false, default_provider_configured: false },
    oidc: { enabled: false, signInText: '', iconUrl: '' },
  }))
}
