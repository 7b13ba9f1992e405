// A message on its way: what a way of sending gets, and what it says when it could not send.

import type { Row } from '../database/schema.ts'
import type { Receiver, RenderedNotification } from './render.ts'
import type { NotificationTemplate } from './templates.ts'

export interface Message extends RenderedNotification {
  readonly id: string
  readonly template: NotificationTemplate
  readonly receiver: Receiver
  readonly payload: Row<'notification_messages'>['payload']
  readonly targets: readonly string[]
}

/** One way of sending. Rejects when it did not work. @param signal aborts at the dispatch timeout and when coderd stops. */
export type Send = (message: Message, signal: AbortSignal) => Promise<void>

/** It did not work and would not another time. */
export class HopelessError extends Error {}
