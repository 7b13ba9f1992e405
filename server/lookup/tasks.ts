// Finds and authorizes the task named in a URL.

import { sql } from 'kysely'
import { ApiError, notFound } from '../../api/errors.ts'
import type { Task } from '../../api/tasks/tasks.ts'
import type { ServerContext } from '../context.ts'
import type { Row } from '../database/schema.ts'
import { type AuthzContext, authorize, type Principal } from '../policy/policy.ts'
import { loadTasks } from '../tasks/load-tasks.ts'
import { requireOwner } from './users.ts'

type Caller = AuthzContext & { readonly principal: Principal }

/** The task named by `:user` and `:task`: by ID regardless of its owner, or by name. */
export async function requireTask(
  { db }: ServerContext,
  request: Caller & { readonly params: { readonly user: string; readonly task: string } },
  action: 'read' | 'update' | 'delete',
): Promise<Row<'tasks'>> {
  const owner = await requireOwner(db, request.principal, request.params.user)
  const named = request.params.task.toLowerCase()
  const found = await db
    .selectFrom('tasks')
    .selectAll()
    .where('deleted_at', 'is', null)
    .where(sql<boolean>`(id::text = ${named} or owner_id = ${owner.id} and lower(name) = ${named})`)
    .orderBy(sql`id::text = ${named}`, 'desc')
    .executeTakeFirst()
  authorize(request, action, { resource: 'task', id: found?.id, ownerId: found?.owner_id ?? owner.id })
  if (!found) throw notFound()
  return found
}

export async function loadTask(context: ServerContext, id: string, { principal }: Caller): Promise<Task> {
  const [task] = await loadTasks(context, [id], principal.userId)
  if (!task) throw notFound()
  return task
}

/** The task's status does not permit the request. @param next how to proceed */
export const wrongTaskStatus = (status: 400 | 409, task: Task, required: Task['status'], next: string): ApiError =>
  new ApiError(status, `The task is ${task.status}, not ${required}.`, { detail: next })
