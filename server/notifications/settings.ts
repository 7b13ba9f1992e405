// Whether notifications are sent at all, as an administrator has set it for the whole deployment.

import type { Db } from '../database/connect.ts'
import { notify as notifyChannel } from '../database/notifications.ts'
import { messageQueued } from './notify.ts'

const key = 'notifications_settings'

export async function isNotifierPaused(db: Db): Promise<boolean> {
  const row = await db.selectFrom('site_configs').select('value').where('key', '=', key).executeTakeFirst()
  return row ? (JSON.parse(row.value) as { notifier_paused: boolean }).notifier_paused : false
}

export async function setNotifierPaused(tx: Db, isPaused: boolean): Promise<void> {
  const value = JSON.stringify({ notifier_paused: isPaused })
  await tx
    .insertInto('site_configs')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
  // What has waited goes now.
  await notifyChannel(tx, messageQueued)
}
