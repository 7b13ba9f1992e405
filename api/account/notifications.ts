// Notifications: templates, preferences, delivery methods, and the inbox.

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
  /** Empty for the deployment's default. */
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
  /** Newest first, at most 25. */
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
  /** Comma-separated IDs; a notification must have all of these targets. */
  targets: Type.Optional(Type.String()),
  /** Comma-separated IDs; a notification must have one of these templates. */
  templates: Type.Optional(Type.String()),
  read_status: Type.Optional(oneOf(['', 'all', 'read', 'unread'])),
}
export const InboxQuery = Type.Object(inboxFilter)
export type InboxQuery = Static<typeof InboxQuery>

export const listNotificationTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/templates/system',
  summary: 'List the templates of notifications that the deployment sends.',
  access: user('read', 'notification_preference'),
  responses: { 200: Type.Array(NotificationTemplate) },
})

export const listCustomNotificationTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/templates/custom',
  summary: 'List the templates of notifications that users send.',
  access: user('read', 'notification_preference'),
  responses: { 200: Type.Array(NotificationTemplate) },
})

export const updateNotificationTemplateMethod = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/templates/:notification_template/method',
  summary: 'Set the delivery method of a notification template.',
  access: user('update', 'notification_template'),
  params: Type.Object({ notification_template: Uuid }),
  body: Type.Object({ method: oneOf(['', ...NotificationMethod.enum]) }),
  responses: { 200: Response, 304: Type.Null() },
})

export const getNotificationDispatchMethods = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/dispatch-methods',
  summary: 'List the delivery methods for notifications.',
  access: user('read', 'notification_preference'),
  responses: { 200: NotificationMethodsResponse },
})

export const getNotificationsSettings = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/settings',
  summary: 'Get whether notifications are paused.',
  access: user('read', 'deployment'),
  responses: { 200: NotificationsSettings },
})

export const updateNotificationsSettings = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/settings',
  summary: 'Pause or resume notifications.',
  access: user('update', 'deployment_config'),
  body: Type.Object({ notifier_paused: maybe(Type.Boolean()) }),
  responses: { 200: NotificationsSettings, 304: Type.Null() },
})

export const sendTestNotification = endpoint({
  method: 'POST',
  path: '/api/v2/notifications/test',
  summary: 'Send a test notification to the caller.',
  access: user('update', 'deployment_config'),
  // Coder's schema declares 200; its server and its CLI use 204.
  responses: { 204: Type.Null() },
})

export const sendCustomNotification = endpoint({
  method: 'POST',
  path: '/api/v2/notifications/custom',
  summary: 'Send a custom notification to the caller.',
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
  summary: "List a user's notification preferences.",
  access: user('read', 'notification_preference'),
  params: UserParams,
  responses: { 200: Type.Array(NotificationPreference) },
})

export const updateNotificationPreferences = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/notifications/preferences',
  summary: 'Enable or disable notification templates for a user.',
  access: user('update', 'notification_preference'),
  params: UserParams,
  body: Type.Object({ template_disabled_map: maybe(Type.Record(Type.String(), Type.Boolean())) }),
  responses: { 200: Type.Array(NotificationPreference) },
})

export const listInboxNotifications = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/inbox',
  summary: "List the notifications in the caller's inbox.",
  access: user('read', 'inbox_notification'),
  query: Type.Object({ ...inboxFilter, starting_before: Type.Optional(Uuid) }),
  responses: { 200: ListInboxNotificationsResponse },
})

export const watchInbox = endpoint({
  method: 'GET',
  path: '/api/v2/notifications/inbox/watch',
  summary: "Stream new notifications of the caller's inbox.",
  access: user('read', 'inbox_notification'),
  query: Type.Object({ ...inboxFilter, format: Type.Optional(oneOf(['', 'plaintext', 'markdown'])) }),
  responses: { 101: GetInboxNotificationResponse },
  upgrade: true,
})

export const markAllInboxNotificationsRead = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/inbox/mark-all-as-read',
  summary: "Mark all notifications in the caller's inbox as read.",
  access: user('update', 'inbox_notification'),
  responses: { 204: Type.Null() },
})

export const updateInboxNotificationReadStatus = endpoint({
  method: 'PUT',
  path: '/api/v2/notifications/inbox/:id/read-status',
  summary: 'Mark a notification as read or unread.',
  access: user('update', 'inbox_notification'),
  params: Type.Object({ id: Uuid }),
  /** False when omitted: Go clients omit zero values. */
  body: Type.Object({ is_read: maybe(Type.Boolean()) }),
  responses: { 200: GetInboxNotificationResponse },
})
