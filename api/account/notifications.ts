// Notifications: the kinds, who wants which, how they are sent, and the inbox.

import { type Static, Type } from 'typebox'
import { maybe, nullable, oneOf, Response, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const NotificationMethod = oneOf(['smtp', 'webhook', 'inbox'])
export type NotificationMethod = Static<typeof NotificationMethod>

export const NotificationTemplate = Type.Object({
  id: Uuid,
  name: Type.String(),
  title_template: Type.String(),
  body_template: Type.String(),
  /** JSON as text. */
  actions: Type.String(),
  group: Type.String(),
  /** Empty for what the deployment is set to. */
  method: Type.String(),
  kind: oneOf(['system', 'custom']),
  enabled_by_default: Type.Boolean(),
})
export type NotificationTemplate = Static<typeof NotificationTemplate>

export const NotificationMethodsResponse = Type.Object({
  available: Type.Array(Type.String()),
  default: Type.String(),
})

export const NotificationsSettings = Type.Object({ notifier_paused: Type.Boolean() })

export const NotificationPreference = Type.Object({
  id: Uuid,
  disabled: Type.Boolean(),
  updated_at: Timestamp,
})
export type NotificationPreference = Static<typeof NotificationPreference>

export const InboxNotification = Type.Object({
  id: Uuid,
  user_id: Uuid,
  template_id: Uuid,
  targets: Type.Array(Uuid),
  title: Type.String(),
  content: Type.String(),
  icon: Type.String(),
  actions: Type.Array(Type.Object({ label: Type.String(), url: Type.String() })),
  read_at: nullable(Timestamp),
  created_at: Timestamp,
})
export type InboxNotification = Static<typeof InboxNotification>

export const ListInboxNotificationsResponse = Type.Object({
  /** The newest first, 25 at most. */
  notifications: Type.Array(InboxNotification),
  unread_count: Type.Integer(),
})
export type ListInboxNotificationsResponse = Static<typeof ListInboxNotificationsResponse>

export const GetInboxNotificationResponse = Type.Object({
  notification: InboxNotification,
  unread_count: Type.Integer(),
})
export type GetInboxNotificationResponse = Static<typeof GetInboxNotificationResponse>

const inboxFilter = {
  /** Ids separated by commas: notifications about all of these. */
  targets: Type.Optional(Type.String()),
  /** Ids separated by commas: notifications of one of these kinds. */
  templates: Type.Optional(Type.String()),
  read_status: Type.Optional(oneOf(['', 'all', 'read', 'unread'])),
}
export const InboxQuery = Type.Object(inboxFilter)
export type InboxQuery = Static<typeof InboxQuery>

export const listNotificationTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/templates/system',
  summary: 'Lists the kinds of notifications that the deployment sends by itself',
  access: user('read', 'notification_preference'),
  responses: { 200: Type.Array(NotificationTemplate) },
})

export const listCustomNotificationTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/templates/custom',
  summary: 'Lists the kinds of notifications that people send',
  access: user('read', 'notification_preference'),
  responses: { 200: Type.Array(NotificationTemplate) },
})

export const updateNotificationTemplateMethod = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/templates/:notification_template/method',
  summary: 'Chooses how one kind of notification is sent',
  access: user('update', 'notification_template'),
  params: Type.Object({ notification_template: Uuid }),
  body: Type.Object({ method: oneOf(['', ...NotificationMethod.enum]) }),
  responses: { 200: Response, 304: Type.Null() },
})

export const getNotificationDispatchMethods = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/dispatch-methods',
  summary: 'Lists the ways of sending notifications',
  access: user('read', 'notification_preference'),
  responses: { 200: NotificationMethodsResponse },
})

export const getNotificationsSettings = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/settings',
  summary: 'Tells whether notifications are being sent',
  access: user('read', 'deployment'),
  responses: { 200: NotificationsSettings },
})

export const updateNotificationsSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/settings',
  summary: 'Stops or resumes the sending of notifications',
  access: user('update', 'deployment_config'),
  body: Type.Object({ notifier_paused: maybe(Type.Boolean()) }),
  responses: { 200: NotificationsSettings, 304: Type.Null() },
})

export const sendTestNotification = endpoint({
  method: 'POST',
  path: '/api/v2/notifications/test',
  summary: 'Sends a notification to oneself, to try out how they are sent',
  access: user('update', 'deployment_config'),
  // Coder's description says 200; its server answers so, and its command line takes nothing else.
  responses: { 204: Type.Null() },
})

export const sendCustomNotification = endpoint({
  method: 'POST',
  path: '/api/v2/notifications/custom',
  summary: 'Sends a notification with words of one of to oneself',
  access: user('create', 'notification_message'),
  body: Type.Object({
    content: Type.Object({
      title: Type.String({ minLength: 1, maxLength: 120 }),
      message: Type.String({ minLength: 1, maxLength: 2000 }),
    }),
  }),
  responses: { 204: Type.Null() },
})

const UserParams = Type.Object({ user: Type.String() })

export const getNotificationPreferences = endpoint({
  method: 'GET',
  path: '/api/v2/users/:user/notifications/preferences',
  summary: 'Lists the kinds of notifications that a user has switched on or off',
  access: user('read', 'notification_preference'),
  params: UserParams,
  responses: { 200: Type.Array(NotificationPreference) },
})

export const updateNotificationPreferences = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/notifications/preferences',
  summary: 'Switches kinds of notifications on or off for a user',
  access: user('update', 'notification_preference'),
  params: UserParams,
  body: Type.Object({ template_disabled_map: maybe(Type.Record(Type.String(), Type.Boolean())) }),
  responses: { 200: Type.Array(NotificationPreference) },
})

export const listInboxNotifications = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/inbox',
  summary: 'Lists the notifications in the caller’s inbox',
  access: user('read', 'inbox_notification'),
  query: Type.Object({ ...inboxFilter, starting_before: Type.Optional(Uuid) }),
  responses: { 200: ListInboxNotificationsResponse },
})

export const watchInbox = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/inbox/watch',
  summary: 'Sends each notification that comes into the caller’s inbox',
  access: user('read', 'inbox_notification'),
  query: Type.Object({ ...inboxFilter, format: Type.Optional(oneOf(['', 'plaintext', 'markdown'])) }),
  responses: { 101: GetInboxNotificationResponse },
  upgrade: true,
})

export const markAllInboxNotificationsRead = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/inbox/mark-all-as-read',
  summary: 'Marks everything in the caller’s inbox as read',
  access: user('update', 'inbox_notification'),
  responses: { 204: Type.Null() },
})

export const updateInboxNotificationReadStatus = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/inbox/:id/read-status',
  summary: 'Marks a notification as read or unread',
  access: user('update', 'inbox_notification'),
  params: Type.Object({ id: Uuid }),
  /** Unread when that is left out, as Go clients write it. */
  body: Type.Object({ is_read: maybe(Type.Boolean()) }),
  responses: { 200: GetInboxNotificationResponse },
})
