// `coder notifications`: pauses and resumes delivery, and sends test notifications.

import {
  sendCustomNotification,
  sendTestNotification,
  updateNotificationsSettings,
} from '../../../api/account/notifications.ts'
import { ApiError } from '../../../api/errors.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { print } from '../../output/print.ts'

export async function pause(_args: readonly string[], options: GlobalOptions): Promise<void> {
  await setPaused(options, true)
  print('Notifications are paused. `coder notifications resume` resumes them.')
}

export async function resume(_args: readonly string[], options: GlobalOptions): Promise<void> {
  await setPaused(options, false)
  print('Notifications are resumed.')
}

async function setPaused(options: GlobalOptions, notifier_paused: boolean): Promise<void> {
  const { client } = await connect(options)
  await client.call(updateNotificationsSettings, { body: { notifier_paused } }).catch((error: unknown) => {
    // 304: already in this state.
    if (!(error instanceof ApiError) || error.status !== 304) throw error
  })
}

export async function sendTest(_args: readonly string[], options: GlobalOptions): Promise<void> {
  const { client } = await connect(options)
  await client.call(sendTestNotification)
  print('Sent a test notification to you.')
}

export async function sendCustom([title = '', message = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const { client } = await connect(options)
  await client.call(sendCustomNotification, { body: { content: { title, message } } })
  print('Sent the notification to you.')
}
