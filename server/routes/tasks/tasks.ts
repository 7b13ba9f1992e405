// Tasks. Their workspaces are created, started, stopped and deleted like any other.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../api/errors.ts'
import {
  type CreateTaskRequest,
  createTask,
  createTaskExperimental,
  deleteTask,
  deleteTaskExperimental,
  getTask,
  getTaskExperimental,
  listTasks,
  listTasksExperimental,
  pauseTask,
  pauseTaskExperimental,
  resumeTask,
  resumeTaskExperimental,
  updateTaskInput,
  updateTaskInputExperimental,
} from '../../../api/tasks/tasks.ts'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import type { Actor } from '../../audit/audit.ts'
import { loadBuild } from '../../builds/load-builds.ts'
import { createWorkspace, startBuild } from '../../builds/start-build.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { replySent, serve } from '../../http/serve.ts'
import { optionalId, requireBodyReference } from '../../lookup/body-reference.ts'
import { loadTask, requireTask, wrongTaskStatus } from '../../lookup/tasks.ts'
import { requireTemplate, requireTemplateVersion } from '../../lookup/templates.ts'
import { requireOwner } from '../../lookup/users.ts'
import { type AuthzContext, authorize, type Principal, requirePermission } from '../../policy/policy.ts'
import { findTasks, parseTaskSearch } from '../../tasks/find-tasks.ts'
import { loadTasks } from '../../tasks/load-tasks.ts'
import { displayNameFor, taskNameFor } from '../../tasks/task-names.ts'

type Caller = AuthzContext & Actor & { readonly principal: Principal }

export function registerTaskRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events, clock } = context

  for (const endpoint of [listTasks, listTasksExperimental]) {
    serve(app, endpoint, async (request) => {
      authorize(request, 'list', { resource: 'task', ownerId: request.principal.userId })
      const { status, ...filter } = await parseTaskSearch(db, request.principal, request.query.q ?? '')
      const ids = await findTasks(db, request.principal, filter)
      const all = await loadTasks(context, ids, request.principal.userId)
      const tasks = status === undefined ? all : all.filter((task) => task.status === status)
      return { tasks, count: tasks.length }
    })
  }

  for (const endpoint of [createTask, createTaskExperimental]) {
    serve(app, endpoint, async (request) =>
      loadTask(context, await create(request, request.params.user, request.body), request),
    )
  }

  async function create(request: Caller, user: string, body: CreateTaskRequest): Promise<string> {
    const owner = await requireOwner(db, request.principal, user)
    requirePermission(request, 'create', { resource: 'task', ownerId: owner.id })
    requirePermission(request, 'create', { resource: 'workspace', ownerId: owner.id })
    const version = await requireBodyReference(
      'template_version_id',
      requireTemplateVersion(context, request, body.template_version_id, 'read'),
    )
    if (!version.template_id || !version.has_ai_task) {
      throw new ApiError(400, 'The template version has no AI tool for tasks.', {
        detail: 'Select a version whose template has a "coder_ai_task" resource.',
        validations: [{ field: 'template_version_id', detail: 'has no AI task' }],
      })
    }
    const template = await requireTemplate(context, request, version.template_id, 'use')
    const name = body.name || taskNameFor(body.input)
    let taskId = ''
    await createWorkspace(
      context,
      request.principal,
      {
        ownerId: owner.id,
        name,
        template,
        ttlMs: null,
        autostartSchedule: null,
        automaticUpdates: 'never',
        async afterInsert(tx, workspaceId) {
          const task = await tx
            .insertInto('tasks')
            .values({
              organization_id: template.organization_id,
              owner_id: owner.id,
              name,
              display_name: body.display_name || displayNameFor(body.input) || name,
              workspace_id: workspaceId,
              template_version_id: version.id,
              prompt: body.input,
            })
            .returning('id')
            .executeTakeFirstOrThrow()
          taskId = task.id
        },
      },
      {
        templateVersionId: version.id,
        presetId: optionalId(body.template_version_preset_id),
        parameters: await promptParameter(db, version.id, body.input),
        reason: 'initiator',
      },
      request,
    )
    return taskId
  }

  for (const endpoint of [getTask, getTaskExperimental]) {
    serve(app, endpoint, async (request) =>
      loadTask(context, (await requireTask(context, request, 'read')).id, request),
    )
  }

  for (const endpoint of [deleteTask, deleteTaskExperimental]) {
    serve(app, endpoint, async (request) => {
      const task = await requireTask(context, request, 'delete')
      if (await hasWorkspace(db, task)) await transition(request, task, 'delete', 'initiator')
      await db.updateTable('tasks').set({ deleted_at: clock.now() }).where('id', '=', task.id).execute()
      request.reply.code(202).send()
      return replySent
    })
  }

  for (const endpoint of [updateTaskInput, updateTaskInputExperimental]) {
    serve(app, endpoint, async (request) => {
      const task = await requireTask(context, request, 'update')
      const loaded = await loadTask(context, task.id, request)
      if (loaded.status !== 'paused') throw wrongTaskStatus(409, loaded, 'paused', 'Pause it first.')
      await db.updateTable('tasks').set({ prompt: request.body.input }).where('id', '=', task.id).execute()
      return null
    })
  }

  for (const [endpoint, to, reason] of [
    [pauseTask, 'stop', 'task_manual_pause'],
    [pauseTaskExperimental, 'stop', 'task_manual_pause'],
    [resumeTask, 'start', 'task_resume'],
    [resumeTaskExperimental, 'start', 'task_resume'],
  ] as const) {
    serve(app, endpoint, async (request) => {
      const task = await requireTask(context, request, 'update')
      return { workspace_build: await transition(request, task, to, reason) }
    })
  }

  async function transition(
    request: Caller,
    task: Row<'tasks'>,
    to: 'start' | 'stop' | 'delete',
    reason: 'initiator' | 'task_manual_pause' | 'task_resume',
  ): Promise<WorkspaceBuild> {
    if (!task.workspace_id) throw new ApiError(409, 'The task has no workspace.', { detail: 'Create a new task.' })
    const buildId = await startBuild(context, request.principal, task.workspace_id, {
      transition: to,
      reason,
      parameters: to === 'start' ? await promptParameter(db, task.template_version_id, task.prompt) : [],
    })
    await events.publish(db, { type: 'workspace', workspace_id: task.workspace_id, reason: 'build' })
    return await loadBuild(context, buildId)
  }
}

async function hasWorkspace(db: Db, { workspace_id }: Row<'tasks'>): Promise<boolean> {
  const workspace = await db
    .selectFrom('workspaces')
    .select('id')
    .where('id', '=', workspace_id)
    .where('deleted', '=', false)
    .executeTakeFirst()
  return workspace !== undefined
}

// Templates older than `coder_task` read the prompt from this parameter.
const promptParameterName = 'AI Prompt'

async function promptParameter(db: Db, versionId: string, prompt: string) {
  const parameter = await db
    .selectFrom('template_version_parameters')
    .select('name')
    .where('template_version_id', '=', versionId)
    .where('name', '=', promptParameterName)
    .executeTakeFirst()
  return parameter ? [{ name: promptParameterName, value: prompt }] : []
}
