// Delivers queued notifications: leases a few messages at a time, so that several coderds can share the queue, and
// records the results. Woken when a message is queued, and polls periodically. Texts are rendered by render.ts;
// delivery methods are the files send-….ts.

import { sql } from 'kysely'
import type { NotificationMethod } from '../../api/account/notifications.ts'
import type { BaseContext } from '../base-context.ts'
import type { NotificationStatus } from '../database/schema.ts'
import { messageWithCause } from '../error-message.ts'
import { PermanentDeliveryError, type Send } from './message.ts'
import { messageQueued } from './notify.ts'
import { render } from './render.ts'
import { createMailSender } from './send-by-mail.ts'
import { createWebhookSender } from './send-by-webhook.ts'
import { createInboxSender } from './send-to-inbox.ts'
import { isNotifierPaused } from './settings.ts'
import { findNotificationTemplate } from './templates.ts'

type NotifierContext = Pick<
  BaseContext,
  'db' | 'events' | 'channels' | 'outages' | 'config' | 'clock' | 'log' | 'accessUrl' | 'signal' | 'metrics'
>

export interface Notifier {
  /** Sends due messages; for tests, which control the clock. */
  sendDue(): Promise<void>
  /** Waits for deliveries in progress. */
  close(): Promise<void>
}

/** Retention of sent messages. */
const retentionMs = 7 * 24 * 60 * 60_000
const purgeIntervalMs = 60 * 60_000

export async function startNotifier(context: NotifierContext): Promise<Notifier> {
  const { clock, config, db, channels, outages, signal } = context
  const senders = createSenders(context)
  let cancelPoll = () => undefined as unknown
  let running = Promise.resolve()
  let isRequested = false
  let isRunning = false
  let lastPurge = 0

  /** One run at a time; a request during a run starts another one. */
  function sendDue(): Promise<void> {
    isRequested = true
    if (isRunning) return running
    isRunning = true
    running = runUntilIdle().finally(() => {
      isRunning = false
    })
    return running
  }

  async function runUntilIdle(): Promise<void> {
    cancelPoll()
    try {
      while (isRequested && !signal.aborted) {
        isRequested = false
        while (!signal.aborted && (await sendBatch(context, senders)) > 0) {
          // until nothing is due
        }
        await purge()
      }
      outages.succeeded('notifications')
    } catch (error) {
      outages.failed('notifications', error)
    }
    if (!signal.aborted) cancelPoll = clock.after(config.notificationsFetchInterval, () => void sendDue())
  }

  async function purge(): Promise<void> {
    const now = clock.now().getTime()
    if (now - lastPurge < purgeIntervalMs) return
    lastPurge = now
    await db
      .deleteFrom('notification_messages')
      .where('updated_at', '<', new Date(now - retentionMs))
      .where('status', 'in', ['sent', 'permanent_failure', 'inhibited'])
      .execute()
  }

  const stopListening = await channels.listen(messageQueued, () => void sendDue())
  void sendDue()
  return {
    sendDue,
    async close() {
      cancelPoll()
      await stopListening()
      await running
    },
  }
}

type Senders = Readonly<Record<NotificationMethod, Send | null>>

/** Null for methods that are not configured. */
function createSenders({ db, events, config }: NotifierContext): Senders {
  const hasMail = config.emailSmarthost !== null && config.emailFrom !== ''
  return {
    inbox: config.notificationsInboxEnabled ? createInboxSender({ db, events }) : null,
    smtp: hasMail ? createMailSender(config, config.notificationsDispatchTimeout) : null,
    webhook: config.notificationsWebhookEndpoint ? createWebhookSender(config.notificationsWebhookEndpoint) : null,
  }
}

/** @returns the number of messages taken from the queue. */
async function sendBatch(context: NotifierContext, senders: Senders): Promise<number> {
  if (await isNotifierPaused(context.db)) return 0
  const messages = await lease(context)
  await Promise.all(messages.map((message) => deliver(context, senders, message)))
  return messages.length
}

type Leased = Awaited<ReturnType<typeof lease>>[number]

async function lease({ db, clock, config }: NotifierContext) {
  const now = clock.now()
  const due = db
    .selectFrom('notification_messages')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([eb('status', '=', 'temporary_failure'), eb('next_retry_after', '<=', now)]),
        // The lease of a crashed or disconnected coderd has expired.
        eb.and([eb('status', '=', 'leased'), eb('leased_until', '<', now)]),
      ]),
    )
    .orderBy('created_at')
    .limit(config.notificationsLeaseCount)
    .forUpdate()
    .skipLocked()
  return await db
    .with('taken', (with_) =>
      with_
        .updateTable('notification_messages')
        .set({
          status: 'leased',
          leased_until: new Date(now.getTime() + config.notificationsLeasePeriod),
          attempt_count: sql`attempt_count + 1`,
          updated_at: now,
        })
        .where('id', 'in', due)
        .returningAll(),
    )
    .selectFrom('taken as message')
    .innerJoin('users as receiver', 'receiver.id', 'message.user_id')
    .leftJoin('notification_template_methods as own', 'own.template_id', 'message.template_id')
    .selectAll('message')
    .select(['receiver.username', 'receiver.email', 'receiver.name', 'receiver.deleted', 'own.method as own_method'])
    .orderBy('message.created_at')
    .execute()
}

async function deliver(context: NotifierContext, senders: Senders, leased: Leased): Promise<void> {
  const { clock, config, db, log } = context
  const outcome = await trySending(context, senders, leased)
  const { status } = outcome
  const now = clock.now()
  if (status === 'temporary_failure' || status === 'permanent_failure') {
    log.warn({ messageId: leased.id, status, reason: outcome.reason }, 'could not send a notification')
  }
  await db
    .updateTable('notification_messages')
    .set({
      status,
      status_reason: outcome.reason,
      ...(status !== 'temporary_failure' && containsSecret(leased) && { payload: JSON.stringify(emptyPayload) }),
      updated_at: now,
      leased_until: null,
      next_retry_after:
        status === 'temporary_failure' ? new Date(now.getTime() + config.notificationsRetryInterval) : null,
    })
    .where('id', '=', leased.id)
    // After its lease has expired, a coderd must not overwrite the result of another one.
    .where('attempt_count', '=', leased.attempt_count)
    .execute()
}

/** Messages with credentials are deleted once they are sent or have failed permanently. */
const containsSecret = ({ template_id }: Leased) => findNotificationTemplate(template_id)?.isExcludedFromInbox === true
const emptyPayload = { labels: {}, data: {}, created_by: '' }

interface Outcome {
  readonly status: NotificationStatus
  readonly reason: string
}

async function trySending(context: NotifierContext, senders: Senders, leased: Leased): Promise<Outcome> {
  const { config, signal } = context
  const method = methodOf(leased, config.notificationsMethod)
  const send = method && senders[method]
  if (!send)
    return { status: 'inhibited', reason: `The delivery method ${method ?? 'of the template'} is not configured.` }
  const template = findNotificationTemplate(leased.template_id)
  if (!template) return { status: 'inhibited', reason: 'The notification template is unknown.' }
  if (leased.deleted) return { status: 'inhibited', reason: 'The receiver is deleted.' }
  const end = context.metrics?.beginDispatch({
    method,
    templateId: template.id,
    attempt: leased.attempt_count,
    queuedSeconds: (context.clock.now().getTime() - leased.created_at.getTime()) / 1000,
  })
  const receiver = { id: leased.user_id, username: leased.username, name: leased.name, email: leased.email }
  try {
    const timeout = AbortSignal.timeout(config.notificationsDispatchTimeout)
    await send(
      {
        id: leased.id,
        template,
        receiver,
        payload: leased.payload,
        targets: leased.targets,
        ...render(template, leased.payload, receiver, context.accessUrl),
      },
      AbortSignal.any([timeout, signal]),
    )
    end?.('success')
    return { status: 'sent', reason: '' }
  } catch (error) {
    const isPermanent =
      error instanceof PermanentDeliveryError || leased.attempt_count >= config.notificationsMaxSendAttempts
    end?.(isPermanent ? 'perm_fail' : 'temp_fail')
    return { status: isPermanent ? 'permanent_failure' : 'temporary_failure', reason: messageWithCause(error) }
  }
}

/** Null when it would reach the inbox a second time. */
function methodOf(
  leased: Pick<Leased, 'method' | 'own_method'>,
  defaultMethod: NotificationMethod,
): NotificationMethod | null {
  if (leased.method === 'inbox') return 'inbox'
  return leased.own_method === 'inbox' ? null : (leased.own_method ?? defaultMethod)
}
