// Queues notifications in the transaction of the change that they describe:
//
//   await notify(tx, {
//     template: 'workspaceDeleted',
//     to: workspace.owner_id,
//     labels: { name: workspace.name, reason: 'it was dormant', initiator: 'autobuild' },
//     targets: [workspace.id, workspace.owner_id, workspace.template_id, workspace.organization_id],
//     createdBy: 'schedule',
//   })
//
// Users who disabled a template receive none; identical messages to a user are sent once a day. Delivery is
// notifier.ts; templates and their labels are templates.ts.

import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'
import { type LabelsOf, type NotificationTemplate, notificationTemplates, type TemplateName } from './templates.ts'

/** Wakes the notifiers. */
export const messageQueued = 'notification_messages'

export interface NewNotification<T extends TemplateName> {
  readonly template: T
  /** One or more user IDs. */
  readonly to: string | readonly string[]
  readonly labels: LabelsOf<T>
  /** Additional data for webhook receivers. */
  readonly data?: Readonly<Record<string, unknown>>
  /** IDs of the affected objects, which inbox watchers can filter by. */
  readonly targets?: readonly string[]
  /** Component that creates the notification. */
  readonly createdBy?: string
}

export async function notify<T extends TemplateName>(tx: Db, notification: NewNotification<T>): Promise<void> {
  const { to, labels, data = {}, targets = [], createdBy = 'coderd' } = notification
  const template: NotificationTemplate = notificationTemplates[notification.template]
  const users = await findReceivers(tx, template, typeof to === 'string' ? [to] : to)
  const methods = template.isExcludedFromInbox ? (['default'] as const) : (['inbox', 'default'] as const)
  const day = new Date().toISOString().slice(0, 10)
  const rows = users.flatMap((userId) =>
    methods.map((method) => ({
      template_id: template.id,
      user_id: userId,
      method,
      payload: JSON.stringify({ labels, data, created_by: createdBy }),
      targets: [...targets],
      dedupe_hash: hashParts([template.id, userId, method, labels, data, targets, day]),
    })),
  )
  if (rows.length === 0) return
  await tx
    .insertInto('notification_messages')
    .values(rows)
    .onConflict((conflict) => conflict.column('dedupe_hash').doNothing())
    .execute()
  await notifyChannel(tx, messageQueued)
}

const hashParts = (parts: readonly unknown[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** The users among them who exist and have not disabled the template. */
async function findReceivers(tx: Db, template: NotificationTemplate, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await tx
    .selectFrom('users')
    .leftJoin('notification_preferences as preference', (join) =>
      join.onRef('preference.user_id', '=', 'users.id').on('preference.template_id', '=', template.id),
    )
    .where('users.id', 'in', [...new Set(ids)])
    .where('users.deleted', '=', false)
    .where(sql<boolean>`not coalesce(preference.disabled, ${!template.enabledByDefault}::boolean)`)
    .select('users.id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Active users with one of these site roles. */
export async function userIdsWithRole(tx: Db, roles: readonly string[]): Promise<string[]> {
  const rows = await tx
    .selectFrom('users')
    .where('deleted', '=', false)
    .where('status', '!=', 'suspended')
    .where(sql<boolean>`rbac_roles && ${[...roles]}::text[]`)
    .select('id')
    .execute()
  return rows.map(({ id }) => id)
}
