// Passwords: changing, validating, and resetting a forgotten one. Hashing is in server/users/passwords.ts.

import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import {
  changePasswordWithOneTimePasscode,
  requestOneTimePasscode,
  updateUserPassword,
  validatePassword,
} from '../../../api/account/passwords.ts'
import { ApiError } from '../../../api/errors.ts'
import { auditFailures, withUser } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireUser } from '../../lookup/users.ts'
import { notify } from '../../notifications/notify.ts'
import { requireUnlimitedKey } from '../../policy/policy.ts'
import { hashSecret, matchesSecret } from '../../users/api-keys.ts'
import { changeUser, endSessions, protectOwner } from '../../users/change-user.ts'
import {
  assertStrongPassword,
  findWeakness,
  hashPassword,
  requirePasswordAuth,
  verifyPassword,
} from '../../users/passwords.ts'
import { findUserByEmail } from '../../users/users.ts'

// Coder's value: long enough for a slow mail server.
const passcodeLifetimeMs = 20 * 60_000

export function registerPasswordRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config, signInAttempts } = context

  serve(app, updateUserPassword, async (request) => {
    const user = await requireUser(context, request, request.params.user, 'update_personal')
    const { old_password: old, password } = request.body
    const entry = { action: 'write', resource: 'user', id: user.id, target: user.username } as const
    await auditFailures(context, request, entry, async () => {
      protectOwner(request.principal, user)
      assertStrongPassword(password)
      const isOwn = user.id === request.principal.userId && user.hashed_password !== null
      // The old password proves more than a key with limits.
      if (!isOwn) requireUnlimitedKey(request.principal)
      if (isOwn) signInAttempts.admit(user.email, request.ip)
      if (isOwn && !(await verifyPassword(old ?? '', user.hashed_password))) {
        signInAttempts.fail(user.email, request.ip)
        throw new ApiError(400, 'Old password is incorrect.', {
          validations: [{ field: 'old_password', detail: 'is incorrect' }],
        })
      }
      await assertNewPassword(user, password)
      const change = { ...(await passwordChange(password)), login_type: 'password' as const }
      await changeUser(context, request, user, change, { status: 204, inTransaction: (tx) => endSessions(tx, user.id) })
    })
    return null
  })

  serve(app, validatePassword, async ({ body }) => {
    const weakness = findWeakness(body.password)
    return { valid: weakness === null, details: weakness === null ? '' : `The password ${weakness}.` }
  })

  serve(app, requestOneTimePasscode, async (request) => {
    requirePasswordAuth(config)
    const user = await findUserByEmail(db, request.body.email)
    // The response does not reveal whether the user exists.
    if (!user || user.status === 'suspended' || user.login_type !== 'password' || wasRecentlySent(user)) return null
    const passcode = randomUUID()
    const change = {
      hashed_one_time_passcode: hashSecret(passcode),
      one_time_passcode_expires_at: new Date(Date.now() + passcodeLifetimeMs),
    }
    const inTransaction = (tx: Tx) =>
      notify(tx, {
        template: 'oneTimePasscode',
        to: user.id,
        labels: { one_time_passcode: passcode },
        targets: [user.id],
        createdBy: 'passwords',
      })
    await changeUser(context, withUser(request, user.id), user, change, { inTransaction })
    return null
  })

  serve(app, changePasswordWithOneTimePasscode, async (request) => {
    requirePasswordAuth(config)
    const { email, one_time_passcode: passcode, password } = request.body
    assertStrongPassword(password)
    signInAttempts.admit(email, request.ip)
    const user = await findUserByEmail(db, email)
    if (!user || !isValidPasscode(user, passcode)) {
      signInAttempts.fail(email, request.ip)
      throw new ApiError(400, 'Incorrect email or one-time passcode.', {
        detail: 'A passcode works once and for 20 minutes. Request a new one.',
      })
    }
    await assertNewPassword(user, password)
    const change = await passwordChange(password)
    const inTransaction = async (tx: Tx) => {
      await requirePasscode(tx, user)
      await endSessions(tx, user.id)
    }
    await changeUser(context, withUser(request, user.id), user, change, { status: 204, inTransaction })
    return null
  })
}

/** Sets the password and invalidates any pending passcode. */
async function passwordChange(password: string) {
  return {
    hashed_password: await hashPassword(password),
    hashed_one_time_passcode: null,
    one_time_passcode_expires_at: null,
  }
}

// Prevents flooding a user's mailbox with passcodes.
const resendAfterMs = 60_000

function wasRecentlySent({ one_time_passcode_expires_at: expiresAt }: Row<'users'>): boolean {
  return expiresAt !== null && expiresAt.getTime() - passcodeLifetimeMs > Date.now() - resendAfterMs
}

function isValidPasscode(user: Row<'users'>, passcode: string): boolean {
  const { hashed_one_time_passcode: hashed, one_time_passcode_expires_at: expiresAt } = user
  if (user.status === 'suspended' || !hashed || !expiresAt || expiresAt <= new Date()) return false
  return matchesSecret(hashed, passcode)
}

/** Locks the user, so that of two concurrent requests only the first uses the passcode. */
async function requirePasscode(tx: Tx, user: Row<'users'>): Promise<void> {
  const row = await tx
    .selectFrom('users')
    .select('hashed_one_time_passcode')
    .where('id', '=', user.id)
    .forUpdate()
    .executeTakeFirst()
  if (row?.hashed_one_time_passcode) return
  throw new ApiError(400, 'Incorrect email or one-time passcode.', { detail: 'The passcode was already used.' })
}

/** @throws ApiError 400 if the new password equals the old one */
async function assertNewPassword(user: Row<'users'>, password: string): Promise<void> {
  if (user.hashed_password === null || !(await verifyPassword(password, user.hashed_password))) return
  throw new ApiError(400, 'New password cannot match old password.', {
    validations: [{ field: 'password', detail: 'must differ from the old password' }],
  })
}
