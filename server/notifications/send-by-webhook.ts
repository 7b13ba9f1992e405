// Delivers notifications to the deployment's webhook, in Coder's format.

import { version } from '../../lib/version.ts'
import { toPlainText } from './markdown.ts'
import type { Message, Send } from './message.ts'

export function createWebhookSender(endpoint: string): Send {
  return async (message, signal) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `coder-local/${version}`,
        'x-message-id': message.id,
      },
      body: JSON.stringify(toWebhookPayload(message)),
      signal,
    })
    // Reads the body to free the connection; it helps to diagnose failures.
    const text = (await response.text()).slice(0, maxReportedBody)
    if (!response.ok) throw new Error(`The webhook responded with ${response.status}${text === '' ? '' : `: ${text}`}`)
  }
}

const maxReportedBody = 256

function toWebhookPayload({ id, template, receiver, payload, targets, title, body, actions }: Message) {
  return {
    _version: '1.1',
    msg_id: id,
    payload: {
      _version: '1.2',
      notification_name: template.name,
      notification_template_id: template.id,
      user_id: receiver.id,
      user_email: receiver.email,
      user_name: receiver.name || receiver.username,
      user_username: receiver.username,
      actions,
      labels: payload.labels,
      // Coder's server sends null for empty values.
      data: Object.keys(payload.data).length > 0 ? payload.data : null,
      targets: targets.length > 0 ? targets : null,
    },
    title: toPlainText(title),
    title_markdown: title,
    body: toPlainText(body),
    body_markdown: body,
  }
}
