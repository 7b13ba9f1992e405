// Notification settings of administrators and users: templates, delivery methods, preferences. The inbox is in inbox.ts,
// delivery in server/notifications/.

import type { FastifyInstance } from 'fastify'
import {
  getNotificationDispatchMethods,
  getNotificationPreferences,
  getNotificationsSettings,
  listCustomNotificationTemplates,
  listNotificationTemplates,
  type NotificationPreference,
  type NotificationTemplate,
  sendCustomNotification,
  sendTestNotification,
  updateNotificationPreferences,
  updateNotificationsSettings,
  updateNotificationTemplateMethod,
} from '../../../api/account/notifications.ts'
import { zeroUuid } from '../../../api/common.ts'
import { ApiError, notFound, validationFailed } from '../../../api/errors.ts'
import { audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import { serve, withStatus } from '../../http/serve.ts'
import { requireUser } from '../../lookup/users.ts'
import { notify } from '../../notifications/notify.ts'
import { isNotifierPaused, setNotifierPaused } from '../../notifications/settings.ts'
import { findNotificationTemplate, notificationTemplates } from '../../notifications/templates.ts'
import { type AuthzContext, authorize } from '../../policy/policy.ts'

export function registerNotificationRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config } = context

  serve(app, listNotificationTemplates, (request) => {
    authorizeOwn(request, 'read')
    return listTemplates(db, 'system')
  })

  serve(app, listCustomNotificationTemplates, (request) => {
    authorizeOwn(request, 'read')
    return listTemplates(db, 'custom')
  })

  serve(app, updateNotificationTemplateMethod, async (request) => {
    authorize(request, 'update', { resource: 'notification_template' })
    const { method } = request.body
    const template = findNotificationTemplate(request.params.notification_template)
    if (!template) throw notFound()
    const before = (await readMethods(db)).get(template.id) ?? ''
    if (before === method) return withStatus(304, null)
    await db.transaction().execute(async (tx) => {
      await tx.deleteFrom('notification_template_methods').where('template_id', '=', template.id).execute()
      if (method !== '')
        await tx.insertInto('notification_template_methods').values({ template_id: template.id, method }).execute()
      await audit(tx, request, {
        action: 'write',
        resource: 'notification_template',
        id: template.id,
        target: template.name,
        before: { method: before },
        after: { method },
      })
    })
    return withStatus(200, { message: 'The delivery method was updated.' })
  })

  serve(app, getNotificationDispatchMethods, async (request) => {
    authorizeOwn(request, 'read')
    // Methods of external delivery. The inbox always receives notifications, and Coder's dashboard has no page that lists it.
    return { available: ['smtp', 'webhook'], default: config.notificationsMethod }
  })

  serve(app, getNotificationsSettings, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return { notifier_paused: await isNotifierPaused(db) }
  })

  serve(app, updateNotificationsSettings, async (request) => {
    authorize(request, 'update', { resource: 'deployment_config' })
    const isPaused = request.body.notifier_paused ?? false
    if (isPaused === (await isNotifierPaused(db))) return withStatus(304, null)
    await db.transaction().execute(async (tx) => {
      await setNotifierPaused(tx, isPaused)
      await audit(tx, request, {
        action: 'write',
        resource: 'notifications_settings',
        id: zeroUuid,
        target: '',
        before: { notifier_paused: !isPaused },
        after: { notifier_paused: isPaused },
      })
    })
    return withStatus(200, { notifier_paused: isPaused })
  })

  serve(app, sendTestNotification, async (request) => {
    authorize(request, 'update', { resource: 'deployment_config' })
    await notify(db, {
      template: 'test',
      to: request.principal.userId,
      labels: {},
      // A repeated test must be delivered again.
      data: { timestamp: context.clock.now().toISOString() },
      createdBy: 'send-test-notification',
    })
    return null
  })

  serve(app, sendCustomNotification, async (request) => {
    const { principal, body } = request
    authorize(request, 'create', { resource: 'notification_message', ownerId: principal.userId })
    await notify(db, {
      template: 'custom',
      to: principal.userId,
      labels: { custom_title: body.content.title, custom_message: body.content.message },
      targets: [principal.userId],
      createdBy: principal.userId,
    })
    return null
  })

  serve(app, getNotificationPreferences, async (request) => {
    const user = await requirePreferences(context, request, request.params.user, 'read')
    return readPreferences(db, user.id)
  })

  serve(app, updateNotificationPreferences, async (request) => {
    const user = await requirePreferences(context, request, request.params.user, 'update')
    const entries = Object.entries(request.body.template_disabled_map ?? {})
    const unknown = entries.filter(([id]) => !findNotificationTemplate(id))
    if (unknown.length > 0) {
      throw validationFailed(
        unknown.map(([id]) => ({ field: 'template_disabled_map', detail: `"${id}" is not a notification template` })),
      )
    }
    if (entries.some(([id]) => id === notificationTemplates.custom.id)) {
      throw new ApiError(400, 'Custom notifications cannot be disabled.', {
        detail: 'Users send them only to themselves.',
      })
    }
    if (entries.length > 0) await writePreferences(db, user.id, entries)
    return readPreferences(db, user.id)
  })
}

/** Requires permission to read one's own preferences, which every user has. */
function authorizeOwn(request: AuthzContext, action: 'read'): void {
  authorize(request, action, { resource: 'notification_preference', ownerId: request.principal?.userId })
}

async function requirePreferences(
  context: ServerContext,
  request: AuthzContext,
  name: string,
  action: 'read' | 'update',
): Promise<{ readonly id: string }> {
  const user = await requireUser(context, request, name, 'read')
  authorize(request, action, { resource: 'notification_preference', ownerId: user.id })
  return user
}

async function readMethods(db: Db): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectFrom('notification_template_methods').selectAll().execute()
  return new Map(rows.map(({ template_id, method }) => [template_id, method]))
}

async function listTemplates(db: Db, kind: 'system' | 'custom'): Promise<NotificationTemplate[]> {
  const methods = await readMethods(db)
  return Object.values(notificationTemplates)
    .filter((template) => template.kind === kind)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((template) => ({
      id: template.id,
      name: template.name,
      title_template: template.title,
      body_template: template.body,
      actions: JSON.stringify(template.actions),
      group: template.group,
      method: methods.get(template.id) ?? '',
      kind,
      enabled_by_default: template.enabledByDefault,
    }))
}

async function readPreferences(db: Db, userId: string): Promise<NotificationPreference[]> {
  const rows = await db
    .selectFrom('notification_preferences')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('template_id')
    .execute()
  return rows.map(({ template_id, disabled, updated_at }) => ({
    id: template_id,
    disabled,
    updated_at: updated_at.toISOString(),
  }))
}

async function writePreferences(db: Db, userId: string, entries: readonly [string, boolean][]): Promise<void> {
  await db
    .insertInto('notification_preferences')
    .values(entries.map(([template_id, disabled]) => ({ user_id: userId, template_id, disabled })))
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'template_id']).doUpdateSet((eb) => ({
        disabled: eb.ref('excluded.disabled'),
        updated_at: new Date(),
      })),
    )
    .execute()
}
