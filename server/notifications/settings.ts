// Deployment-wide switch for notifications.

import { notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'
import { readSiteConfig, writeSiteConfig } from '../site-configs.ts'
import { messageQueued } from './notify.ts'

export async function isNotifierPaused(db: Db): Promise<boolean> {
  return (await readSiteConfig(db, 'notifications_settings', { notifier_paused: false })).notifier_paused
}

export async function setNotifierPaused(tx: Db, isPaused: boolean): Promise<void> {
  await writeSiteConfig(tx, 'notifications_settings', { notifier_paused: isPaused })
  // Sends the messages that waited.
  await notifyChannel(tx, messageQueued)
}
