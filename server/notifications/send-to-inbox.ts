// Delivers notifications to the receiver's inbox and publishes an event.

import type { Db } from '../database/connect.ts'
import type { Events } from '../events.ts'
import type { Send } from './message.ts'

export function createInboxSender({ db, events }: { readonly db: Db; readonly events: Events }): Send {
  return (message) =>
    db.transaction().execute(async (tx) => {
      const added = await tx
        .insertInto('inbox_notifications')
        .values({
          id: message.id,
          user_id: message.receiver.id,
          template_id: message.template.id,
          targets: [...message.targets],
          title: message.title,
          content: message.body,
          icon: message.template.icon,
          actions: JSON.stringify(message.actions),
        })
        // Inserted before: a coderd crashed after this and before completing its lease.
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (added)
        await events.publish(tx, { type: 'inbox', user_id: message.receiver.id, inbox_notification_id: added.id })
    })
}
