// Renders a notification: inserts the labels of the message and its receiver into a template.

import type { NotificationPayload, Row } from '../database/schema.ts'
import type { NotificationTemplate } from './templates.ts'

export type Receiver = Pick<Row<'users'>, 'id' | 'username' | 'name' | 'email'>

export interface RenderedNotification {
  /** Both in Markdown. */
  readonly title: string
  readonly body: string
  readonly actions: { label: string; url: string }[]
}

export function render(
  template: NotificationTemplate,
  payload: NotificationPayload,
  receiver: Receiver,
  baseUrl: string,
): RenderedNotification {
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.entries(payload.labels).map(([name, value]) => [`.Labels.${name}`, value])),
    '.UserName': receiver.name || receiver.username,
    '.UserUsername': receiver.username,
    '.UserEmail': receiver.email,
    base_url: baseUrl,
  }
  const fill = (text: string, write = (value: string) => value) =>
    text.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => (name === 'base_url' ? baseUrl : write(values[name] ?? '')))
  return {
    title: fill(template.title),
    body: fill(template.body),
    actions: template.actions.map(({ label, url }) => ({ label: fill(label), url: fill(url, encodeURIComponent) })),
  }
}
