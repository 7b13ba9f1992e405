// The conversation with a task's tool: forwarded to the running tool, or read from the last snapshot.

import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  getTaskLogs,
  getTaskLogsExperimental,
  postLogSnapshot,
  sendToTask,
  sendToTaskExperimental,
  type Task,
  type TaskLogsResponse,
} from '../../../api/tasks/tasks.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import { serve } from '../../http/serve.ts'
import { loadTask, requireTask, wrongTaskStatus } from '../../lookup/tasks.ts'
import { type AgentApiMessage, readMessages, sendMessage, type TaskApp, toLogEntry } from '../../tasks/task-app.ts'

export function registerTaskConversationRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, connections, clock } = context

  for (const endpoint of [sendToTask, sendToTaskExperimental]) {
    serve(app, endpoint, async (request) => {
      const { id } = await requireTask(context, request, 'update')
      const task = await loadTask(context, id, request)
      if (task.status !== 'active') throw notActive(task)
      await sendMessage(connections, await requireApp(db, task), request.body.input)
      return null
    })
  }

  for (const endpoint of [getTaskLogs, getTaskLogsExperimental]) {
    serve(app, endpoint, async (request) => {
      const { id } = await requireTask(context, request, 'read')
      const task = await loadTask(context, id, request)
      if (task.status !== 'active') return await readSnapshot(db, task)
      const messages = await readMessages(connections, await requireApp(db, task))
      return { logs: messages.map((message) => toLogEntry(message, clock.now())) }
    })
  }

  serve(app, postLogSnapshot, async ({ agent, params, body }) => {
    const task = await db
      .selectFrom('tasks')
      .select('id')
      .where('id', '=', params.task)
      .where('workspace_id', '=', agent.workspaceId)
      .executeTakeFirst()
    if (!task) throw notFound()
    const snapshot = { log: JSON.stringify(body.messages).replaceAll('\\u0000', ''), created_at: clock.now() }
    await db
      .insertInto('task_snapshots')
      .values({ task_id: task.id, ...snapshot })
      .onConflict((conflict) => conflict.column('task_id').doUpdateSet(snapshot))
      .execute()
    return null
  })
}

const notActive = (task: Task) =>
  wrongTaskStatus(400, task, 'active', 'Wait until its tool is ready, or resume the task.')

async function requireApp(db: Db, { workspace_agent_id: agentId, workspace_app_id: appId }: Task): Promise<TaskApp> {
  const app = await db
    .selectFrom('workspace_apps')
    .select('url')
    .where('id', '=', appId)
    .where('agent_id', '=', agentId)
    .executeTakeFirst()
  if (agentId && app?.url) return { agentId, url: app.url }
  throw new ApiError(409, 'Cannot communicate with the tool of the task.', {
    detail: 'Its template does not set an app with a URL in "coder_ai_task".',
  })
}

/** @throws ApiError 400 if no snapshot is stored */
async function readSnapshot(db: Db, task: Task): Promise<TaskLogsResponse> {
  const snapshot = await db.selectFrom('task_snapshots').selectAll().where('task_id', '=', task.id).executeTakeFirst()
  if (!snapshot) throw notActive(task)
  const messages = snapshot.log as AgentApiMessage[]
  return {
    logs: messages.map((message) => toLogEntry(message, snapshot.created_at)),
    snapshot: true,
    snapshot_at: snapshot.created_at.toISOString(),
  }
}
