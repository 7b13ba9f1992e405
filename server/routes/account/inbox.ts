// Inbox notifications: list, read status, live updates.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import {
  type InboxNotification,
  type InboxQuery,
  listInboxNotifications,
  markAllInboxNotificationsRead,
  updateInboxNotificationReadStatus,
  watchInbox,
} from '../../../api/account/notifications.ts'
import { invalidQuery, notFound } from '../../../api/errors.ts'
import { isUuid } from '../../../lib/uuid.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { watchPingIntervalMs } from '../../http/watch-streams.ts'
import { toPlainText } from '../../notifications/markdown.ts'
import { authorize } from '../../policy/policy.ts'

/** Page size of the inbox; `starting_before` requests older entries. */
const pageSize = 25

export function registerInboxRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  serve(app, listInboxNotifications, async (request) => {
    const { userId } = request.principal
    authorize(request, 'read', { resource: 'inbox_notification', ownerId: userId })
    const filter = parseFilter(request.query)
    // One snapshot for both queries, so that the list and the count agree.
    const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
    return await snapshot.execute(async (tx) => {
      const rows = await findNotifications(tx, userId, filter, request.query.starting_before)
      return { notifications: rows.map(toInboxNotification), unread_count: await countUnread(tx, userId) }
    })
  })

  serve(app, updateInboxNotificationReadStatus, async (request) => {
    const { userId } = request.principal
    const notification = await findNotification(db, request.params.id)
    authorize(request, 'update', { resource: 'inbox_notification', ownerId: notification?.user_id })
    // Permission to update all notifications does not include reading those of other users.
    if (!notification || notification.user_id !== userId) throw notFound()
    const read_at = request.body.is_read ? (notification.read_at ?? new Date()) : null
    await db.updateTable('inbox_notifications').set({ read_at }).where('id', '=', notification.id).execute()
    return {
      notification: toInboxNotification({ ...notification, read_at }),
      unread_count: await countUnread(db, userId),
    }
  })

  serve(app, markAllInboxNotificationsRead, async (request) => {
    const { userId } = request.principal
    authorize(request, 'update', { resource: 'inbox_notification', ownerId: userId })
    await db
      .updateTable('inbox_notifications')
      .set({ read_at: new Date() })
      .where('user_id', '=', userId)
      .where('read_at', 'is', null)
      .execute()
    return null
  })

  serveUpgrade(app, watchInbox, async (request) => {
    const { userId } = request.principal
    authorize(request, 'read', { resource: 'inbox_notification', ownerId: userId })
    const filter = parseFilter(request.query)
    const isPlain = request.query.format === 'plaintext'
    const socket = await request.upgrade.webSocket()
    const push = async (id: string) => {
      const [row, unread] = await Promise.all([findNotification(db, id), countUnread(db, userId)])
      if (!row || !matchesFilter(filter, row) || socket.readyState !== socket.OPEN) return
      const notification = toInboxNotification(row)
      socket.send(
        JSON.stringify({ notification: isPlain ? asPlainText(notification) : notification, unread_count: unread }),
      )
    }
    const stop = events.subscribe((event) => {
      if (event.type !== 'inbox' || event.user_id !== userId) return
      push(event.inbox_notification_id).catch((err: unknown) =>
        request.log.warn({ err }, 'could not push a notification'),
      )
    })
    const pings = setInterval(() => socket.ping(), watchPingIntervalMs)
    socket.on('close', () => {
      clearInterval(pings)
      stop()
    })
  })
}

interface InboxFilter {
  readonly targets: readonly string[]
  readonly templates: readonly string[]
  readonly isRead: boolean | null
}

function parseFilter({ targets, templates, read_status: status }: InboxQuery): InboxFilter {
  const validations: { field: string; detail: string }[] = []
  const ids = (field: string, text = '') => {
    const items = text.split(',').filter((id) => id !== '')
    for (const id of items) if (!isUuid(id)) validations.push({ field, detail: `"${id}" is not a UUID` })
    return items.map((id) => id.toLowerCase())
  }
  const filter = {
    targets: ids('targets', targets),
    templates: ids('templates', templates),
    isRead: status === 'read' ? true : status === 'unread' ? false : null,
  }
  if (validations.length > 0) throw invalidQuery(validations)
  return filter
}

type InboxRow = Row<'inbox_notifications'>

function matchesFilter({ targets, templates, isRead }: InboxFilter, row: InboxRow): boolean {
  return (
    targets.every((id) => row.targets.includes(id)) &&
    (templates.length === 0 || templates.includes(row.template_id)) &&
    (isRead === null || isRead === (row.read_at !== null))
  )
}

async function findNotifications(
  db: Db,
  userId: string,
  { targets, templates, isRead }: InboxFilter,
  before: string | undefined,
): Promise<InboxRow[]> {
  return db
    .selectFrom('inbox_notifications')
    .selectAll()
    .where('user_id', '=', userId)
    .$if(targets.length > 0, (query) => query.where(sql<boolean>`targets @> ${[...targets]}::uuid[]`))
    .$if(templates.length > 0, (query) => query.where('template_id', 'in', [...templates]))
    .$if(isRead !== null, (query) => query.where('read_at', isRead ? 'is not' : 'is', null))
    .$if(before !== undefined, (query) =>
      query.where(
        sql<boolean>`(created_at, id) < (select created_at, id from inbox_notifications where id = ${before} and user_id = ${userId})`,
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(pageSize)
    .execute()
}

const findNotification = (db: Db, id: string): Promise<InboxRow | undefined> =>
  db.selectFrom('inbox_notifications').selectAll().where('id', '=', id).executeTakeFirst()

async function countUnread(db: Db, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('inbox_notifications')
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

function toInboxNotification(row: InboxRow): InboxNotification {
  return {
    ...row,
    read_at: row.read_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  }
}

const asPlainText = (notification: InboxNotification): InboxNotification => ({
  ...notification,
  title: toPlainText(notification.title),
  content: toPlainText(notification.content),
})
