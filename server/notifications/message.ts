// A message to deliver, the interface of delivery methods, and their errors.

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

/** A delivery method. Rejects on failure. @param signal aborts at the dispatch timeout and on shutdown. */
export type Send = (message: Message, signal: AbortSignal) => Promise<void>

/** A permanent failure: retries are useless. */
export class PermanentDeliveryError extends Error {}
