// Stores the statuses that workspace apps report.

import type { PatchAppStatus } from '../../api/agents/agent-measurements.ts'
import { type WorkspaceAppStatus, WorkspaceAppStatusState } from '../../api/agents/agents.ts'
import { validationFailed } from '../../api/errors.ts'
import type { BaseContext } from '../base-context.ts'
import type { Row } from '../database/schema.ts'
import { notifyTaskOwner } from '../notifications/task-notifications.ts'
import type { AgentPrincipal } from '../policy/agent-principal.ts'
import { recordActivity } from '../schedule/activity.ts'

const states = WorkspaceAppStatusState.enum
// Fits on one line of a list.
const maxMessageLength = 160
// Statuses of an app: every response about the workspace contains them.
const storedStatuses = 100

/** @throws ApiError 400 if the app is not one of the agent's or the status is invalid */
export async function storeAppStatus(
  context: Pick<BaseContext, 'db' | 'events' | 'clock'>,
  agent: AgentPrincipal,
  { app_slug, state, message = '', uri = '' }: PatchAppStatus,
): Promise<void> {
  const knownState = states.find((name) => name === state)
  if (!knownState)
    throw validationFailed([{ field: 'state', detail: `must be one of ${states.join(', ')}, not "${state}"` }])
  if (message.length > maxMessageLength) {
    throw validationFailed([{ field: 'message', detail: `must have at most ${maxMessageLength} characters` }])
  }
  await context.db.transaction().execute(async (tx) => {
    const app = await tx
      .selectFrom('workspace_apps')
      .select('id')
      .where('agent_id', '=', agent.agentId)
      .where('slug', '=', app_slug)
      .executeTakeFirst()
    if (!app) throw validationFailed([{ field: 'app_slug', detail: `"${app_slug}" is not an app of this agent` }])
    const { workspaceId, agentId } = agent
    await notifyTaskOwner(tx, { workspaceId, agentId, appId: app.id, state: knownState })
    await tx
      .insertInto('workspace_app_statuses')
      .values({
        workspace_id: agent.workspaceId,
        agent_id: agent.agentId,
        app_id: app.id,
        state: knownState,
        message: message.replaceAll('\0', ''),
        uri: uri.replaceAll('\0', ''),
      })
      .execute()
    await tx
      .deleteFrom('workspace_app_statuses')
      .where('app_id', '=', app.id)
      .where('created_at', '<', (eb) =>
        eb
          .selectFrom('workspace_app_statuses')
          .select('created_at')
          .where('app_id', '=', app.id)
          .orderBy('created_at', 'desc')
          .offset(storedStatuses)
          .limit(1),
      )
      .execute()
    await context.events.publish(tx, { type: 'workspace', workspace_id: agent.workspaceId, reason: 'app' })
  })
  // A working app counts as workspace activity.
  if (knownState === 'working') await recordActivity(context, agent.workspaceId)
}

export function toAppStatus(row: Row<'workspace_app_statuses'>): WorkspaceAppStatus {
  return {
    id: row.id,
    created_at: row.created_at.toISOString(),
    workspace_id: row.workspace_id,
    agent_id: row.agent_id,
    app_id: row.app_id,
    state: row.state,
    message: row.message,
    uri: row.uri,
    // Deprecated; older clients read these fields.
    icon: '',
    needs_user_attention: false,
  }
}
