// Notifies the owner of a task about its status: working, idle, completed, failed.

import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { notify } from './notify.ts'

type State = Row<'workspace_app_statuses'>['state']

const templates = {
  working: 'taskWorking',
  idle: 'taskIdle',
  complete: 'taskCompleted',
  failure: 'taskFailed',
} as const satisfies Readonly<Record<State, string>>

/** Length of a prompt in a notification. */
const maxPromptLength = 160

/** @param tx transaction of the new status, before it is written. */
export async function notifyTaskOwner(
  tx: Db,
  { workspaceId, agentId, appId, state }: { workspaceId: string; agentId: string; appId: string; state: State },
): Promise<void> {
  const task = await tx
    .selectFrom('tasks as task')
    .innerJoin('workspaces as workspace', 'workspace.id', 'task.workspace_id')
    .where('task.workspace_id', '=', workspaceId)
    .where('task.deleted_at', 'is', null)
    .select(['task.id', 'task.owner_id', 'task.prompt', 'workspace.name', 'workspace.organization_id'])
    .executeTakeFirst()
  if (!task || !(await isReady(tx, agentId)) || (await findLastState(tx, appId)) === state) return
  await notify(tx, {
    template: templates[state],
    to: task.owner_id,
    labels: { workspace: task.name, task: task.prompt.slice(0, maxPromptLength).toWellFormed() },
    // A task may change its status many times a day, so identical messages are not suppressed.
    data: { at: new Date().toISOString() },
    targets: [workspaceId, task.owner_id, task.organization_id],
    createdBy: 'task',
  })
}

/** Status changes during workspace start-up are ignored. */
async function isReady(tx: Db, agentId: string): Promise<boolean> {
  const agent = await tx
    .selectFrom('workspace_agents')
    .select('lifecycle_state')
    .where('id', '=', agentId)
    .executeTakeFirst()
  return agent?.lifecycle_state === 'ready'
}

async function findLastState(tx: Db, appId: string): Promise<State | undefined> {
  const last = await tx
    .selectFrom('workspace_app_statuses')
    .select('state')
    .where('app_id', '=', appId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.state
}
