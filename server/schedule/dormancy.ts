// A workspace that nobody uses sleeps: it cannot be started until somebody wakes it, and its template may have it
// deleted after some time.

import { sql } from 'kysely'
import type { Tx } from '../database/connect.ts'
import type { Events } from '../events.ts'

export async function setDormant(tx: Tx, events: Events, workspaceId: string, now: Date): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ dormant_at: now, deleting_at: deletingAt(workspaceId, now), updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
  await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'settings' })
}

/** It counts as used now, or it would fall asleep again at once. */
export async function wake(tx: Tx, events: Events, workspaceId: string, now: Date): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ dormant_at: null, deleting_at: null, last_used_at: now, next_start_at: null, updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
  await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'settings' })
}

const deletingAt = (workspaceId: string, now: Date) =>
  sql<Date | null>`(
    select case when template.time_til_dormant_autodelete_ms > 0
      then ${now}::timestamptz + template.time_til_dormant_autodelete_ms * interval '1 millisecond' end
    from workspaces dormant join templates template on template.id = dormant.template_id
    where dormant.id = ${workspaceId}
  )`
