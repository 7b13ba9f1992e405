// Personal settings of users.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import {
  convertLogin,
  type GitSshKey,
  getAutofillParameters,
  getGitSshKey,
  getUserAppearance,
  getUserLoginType,
  getUserPreferences,
  getUserQuietHours,
  regenerateGitSshKey,
  type TerminalFontName,
  type UserAppearanceSettings,
  updateUserAppearance,
  updateUserPreferences,
  updateUserQuietHours,
} from '../../../api/account/user-settings.ts'
import { ApiError } from '../../../api/errors.ts'
import type { LoginType } from '../../../api/user-fields.ts'
import { generateSshKeyPair } from '../../../lib/openssh-key.ts'
import { audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireUser } from '../../lookup/users.ts'
import type { AuthzContext, Principal } from '../../policy/policy.ts'
import { changeUser, protectOwner } from '../../users/change-user.ts'
import { encryptKeyPair, ensureGitSshKey } from '../../users/git-ssh-keys.ts'
import { parseQuietHours, toQuietHours } from '../../users/quiet-hours.ts'

interface UserRequest extends AuthzContext {
  readonly params: { readonly user: string }
  readonly principal: Principal
}

export function registerUserSettingsRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, encryption } = context
  const requireReadable = (request: UserRequest) => requireUser(context, request, request.params.user, 'read_personal')
  const requireWritable = async (request: UserRequest) => {
    const user = await requireUser(context, request, request.params.user, 'update_personal')
    protectOwner(request.principal, user)
    return user
  }

  serve(app, getUserAppearance, async (request) => toAppearance(await requireReadable(request)))

  serve(app, updateUserAppearance, async (request) => {
    const { theme_preference, terminal_font } = request.body
    const user = await requireWritable(request)
    return toAppearance(await changeUser(context, request, user, { theme_preference, terminal_font }))
  })

  serve(app, getUserPreferences, async (request) => toPreferences(await requireReadable(request)))

  serve(app, updateUserPreferences, async (request) => {
    const task_notification_alert_dismissed = request.body.task_notification_alert_dismissed ?? false
    const user = await requireWritable(request)
    return toPreferences(await changeUser(context, request, user, { task_notification_alert_dismissed }))
  })

  serve(app, getUserLoginType, async (request) => {
    const user = await requireReadable(request)
    return { login_type: user.login_type as LoginType }
  })

  serve(app, convertLogin, async (request) => {
    await requireWritable(request)
    throw new ApiError(400, 'No other sign-in method is configured.', {
      detail: 'The login type cannot be converted: neither GitHub nor OpenID Connect is configured.',
      validations: [{ field: 'to_type', detail: 'is not configured' }],
    })
  })

  serve(app, getUserQuietHours, async (request) => {
    const user = await requireReadable(request)
    return toQuietHours(user.quiet_hours_schedule, new Date())
  })

  serve(app, updateUserQuietHours, async (request) => {
    const user = await requireWritable(request)
    const schedule = request.body.schedule.trim()
    if (schedule !== '') parseQuietHours(schedule)
    await changeUser(context, request, user, { quiet_hours_schedule: schedule })
    return toQuietHours(schedule, new Date())
  })

  serve(app, getGitSshKey, async (request) => {
    const user = await requireReadable(request)
    return toGitSshKey(await ensureGitSshKey(db, encryption, user.id))
  })

  serve(app, regenerateGitSshKey, async (request) => {
    const user = await requireWritable(request)
    const before = await ensureGitSshKey(db, encryption, user.id)
    const pair = encryptKeyPair(encryption, user.id, generateSshKeyPair())
    return await db.transaction().execute(async (tx) => {
      const after = await tx
        .updateTable('git_ssh_keys')
        .set({ ...pair, updated_at: new Date() })
        .where('user_id', '=', user.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      const entry = { action: 'write', resource: 'git_ssh_key', id: user.id, target: user.username } as const
      await audit(tx, request, { ...entry, before, after })
      return toGitSshKey(after)
    })
  })

  serve(app, getAutofillParameters, async (request) => {
    const user = await requireReadable(request)
    return await readLastValues(db, user.id, request.query.template_id)
  })
}

const toAppearance = (user: Row<'users'>): UserAppearanceSettings => ({
  theme_preference: user.theme_preference,
  terminal_font: user.terminal_font as TerminalFontName,
})

const toPreferences = ({ task_notification_alert_dismissed }: Row<'users'>) => ({ task_notification_alert_dismissed })

const toGitSshKey = (row: Row<'git_ssh_keys'>): GitSshKey => ({
  user_id: row.user_id,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
  public_key: row.public_key,
})

/** Last values of the template's current parameters, except for ephemeral ones. */
async function readLastValues(db: Db, userId: string, templateId: string): Promise<{ name: string; value: string }[]> {
  return await db
    .selectFrom('workspace_build_parameters as value')
    .innerJoin('workspace_builds as build', 'build.id', 'value.workspace_build_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .innerJoin('template_version_parameters as parameter', (join) =>
      join
        .onRef('parameter.template_version_id', '=', 'template.active_version_id')
        .onRef('parameter.name', '=', 'value.name'),
    )
    .where('workspace.owner_id', '=', userId)
    .where('template.id', '=', templateId)
    .where('build.initiator_id', '=', userId)
    .where('parameter.ephemeral', '=', false)
    .select(['value.name', 'value.value'])
    .distinctOn('value.name')
    .orderBy('value.name')
    .orderBy(sql`build.created_at desc`)
    .execute()
}
