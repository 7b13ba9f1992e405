// Records workspace activity: updates the last use and extends the deadline by the template's rules.

import type { BaseContext } from '../base-context.ts'
import { bumpedDeadline } from './deadline.ts'
import { loadScheduleRules } from './load-rules.ts'

/** Writes the deadline only if it changes, because agents report every few seconds. */
export async function recordActivity(
  { db, events, clock }: Pick<BaseContext, 'db' | 'events' | 'clock'>,
  workspaceId: string,
): Promise<void> {
  const now = clock.now()
  await db.updateTable('workspaces').set({ last_used_at: now }).where('id', '=', workspaceId).execute()
  const running = await db
    .selectFrom('workspaces as workspace')
    .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
    .where('workspace.id', '=', workspaceId)
    .where('workspace.is_running', '=', true)
    .where('build.deadline', 'is not', null)
    .select(['build.id', 'build.deadline', 'build.max_deadline'])
    .executeTakeFirst()
  if (!running?.deadline) return
  const { bumpMs, ...rules } = await loadScheduleRules(db, workspaceId)
  const bump = { deadline: running.deadline, maxDeadline: running.max_deadline, bumpMs }
  const deadline = bumpedDeadline(bump, rules, now)
  if (!deadline) return
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('workspace_builds')
      .set({ deadline, updated_at: now })
      .where('id', '=', running.id)
      // Keeps a later deadline that a user has set concurrently.
      .where('deadline', '<', deadline)
      .execute()
    await events.publish(tx, { type: 'workspace', workspace_id: workspaceId, reason: 'build' })
  })
}
