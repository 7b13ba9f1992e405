// Dormant workspaces: they cannot start until a user activates them, and the template may delete them after some time.

import { sql } from 'kysely'
import { counted } from '../../lib/counted.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Events } from '../events.ts'
import { notify } from '../notifications/notify.ts'

export async function setDormant(tx: Tx, events: Events, workspaceId: string, now: Date): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ dormant_at: now, deleting_at: deletingAt(workspaceId, now), updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
  await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'settings' })
}

/** Activates the workspace and sets its last use to now, so that it does not become dormant again immediately. */
export async function activateWorkspace(tx: Tx, events: Events, workspaceId: string, now: Date): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ dormant_at: null, deleting_at: null, last_used_at: now, next_start_at: null, updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
  await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'settings' })
}

/** Notifies the owner of a dormant workspace. @param reason continues `because it` */
export async function notifyDormant(tx: Tx, workspaceId: string, now: Date, reason: string): Promise<void> {
  const workspace = await tx.selectFrom('workspaces').selectAll().where('id', '=', workspaceId).executeTakeFirst()
  if (workspace) await notifyOwner(tx, 'workspaceDormant', workspace, reason, now)
}

/** Notifies the owner of the time until deletion; does nothing without a deletion time. */
export async function notifyMarkedForDeletion(tx: Tx, workspaceId: string, now: Date): Promise<void> {
  const workspace = await tx.selectFrom('workspaces').selectAll().where('id', '=', workspaceId).executeTakeFirst()
  if (workspace?.deleting_at) await notifyOwner(tx, 'workspaceMarkedForDeletion', workspace, 'is dormant', now)
}

async function notifyOwner(
  tx: Tx,
  template: 'workspaceDormant' | 'workspaceMarkedForDeletion',
  workspace: Row<'workspaces'>,
  reason: string,
  now: Date,
): Promise<void> {
  const { deleting_at } = workspace
  await notify(tx, {
    template,
    to: workspace.owner_id,
    labels: {
      name: workspace.name,
      reason,
      timeTilDormant: deleting_at ? describeDuration(deleting_at.getTime() - now.getTime()) : 'none',
    },
    targets: [workspace.id, workspace.owner_id, workspace.template_id, workspace.organization_id],
    createdBy: 'schedule',
  })
}

const units = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
] as const

/** Formats a duration in the largest fitting unit, rounded. */
function describeDuration(ms: number): string {
  const [name, unitMs] = units.find(([, size]) => ms >= size) ?? units[2]
  const count = Math.max(1, Math.round(ms / unitMs))
  return counted(count, name)
}

const deletingAt = (workspaceId: string, now: Date) =>
  sql<Date | null>`(
    select case when template.time_til_dormant_autodelete_ms > 0
      then ${now}::timestamptz + template.time_til_dormant_autodelete_ms * interval '1 millisecond' end
    from workspaces dormant join templates template on template.id = dormant.template_id
    where dormant.id = ${workspaceId}
  )`
