// Posts a notification to the webhook of the deployment, in the form that receivers made for Coder read.

import { version } from '../../lib/version.ts'
import { toPlainText } from './markdown.ts'
import type { Message, Send } from './message.ts'

export function createWebhook(endpoint: string): Send {
  return async (message, signal) => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': `coder-local/${version}`,
        'x-message-id': message.id,
      },
      body: JSON.stringify(toWebhookPayload(message)),
      signal,
    })
    // Read, so that the connection is free again; what it says helps whoever set the webhook up.
    const said = (await answer.text()).slice(0, maxSaid)
    if (!answer.ok) throw new Error(`The webhook answered ${answer.status}${said === '' ? '' : `: ${said}`}`)
  }
}

const maxSaid = 256

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
      // Coder's server has nulls for what is empty.
      data: Object.keys(payload.data).length > 0 ? payload.data : null,
      targets: targets.length > 0 ? targets : null,
    },
    title: toPlainText(title),
    title_markdown: title,
    body: toPlainText(body),
    body_markdown: body,
  }
}
