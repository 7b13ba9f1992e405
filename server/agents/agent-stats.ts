// Stores usage reports of agents and clients, for insights and as workspace activity.

import type { BaseContext } from '../base-context.ts'
import type { NewRow } from '../database/schema.ts'
import { recordActivity } from '../schedule/activity.ts'

type Stats = Omit<NewRow<'workspace_agent_stats'>, 'agent_id' | 'workspace_id' | 'user_id' | 'template_id'>

type StatsContext = Pick<BaseContext, 'db' | 'events' | 'clock'>

/** Stores one report for the workspace owner, also if another user has access to the workspace. */
export async function insertStats(
  context: StatsContext,
  { agentId, workspaceId }: { readonly agentId: string; readonly workspaceId: string },
  stats: Stats,
): Promise<void> {
  await context.db
    .insertInto('workspace_agent_stats')
    .columns(['user_id', 'template_id', 'workspace_id', 'agent_id', ...(Object.keys(stats) as (keyof Stats)[])])
    .expression((eb) =>
      eb
        .selectFrom('workspaces')
        .where('id', '=', workspaceId)
        .select([
          'owner_id',
          'template_id',
          'id',
          eb.val(agentId).as('agent'),
          ...Object.entries(stats).map(([column, value]) => eb.val(value).as(column)),
        ]),
    )
    .execute()
  if (isInUse(stats)) await recordActivity(context, workspaceId)
}

function isInUse(stats: Stats): boolean {
  const sessions = [
    stats.session_count_vscode,
    stats.session_count_jetbrains,
    stats.session_count_reconnecting_pty,
    stats.session_count_ssh,
    stats.connection_count,
  ]
  return sessions.some((count) => (count ?? 0) > 0)
}
