// Which tasks a list shows: the query language of `?q=`, and what the asking user may see.

import { sql } from 'kysely'
import { invalidQuery } from '../../api/errors.ts'
import type { Task } from '../../api/tasks.ts'
import type { Db } from '../database/connect.ts'
import { type Principal, readsAll } from '../policy/policy.ts'
import { allowedIds } from '../policy/scopes.ts'
import { parseSearch } from './parse-search.ts'

export interface TaskFilter {
  readonly owner?: string
  readonly organization?: string
  readonly status?: Task['status']
}

const statuses: readonly Task['status'][] = ['pending', 'initializing', 'active', 'paused', 'unknown', 'error']

/** @throws ApiError 400 naming what in the query is wrong. */
export function parseTaskSearch(query: string): TaskFilter {
  const { terms, problems } = parseSearch(query)
  const filter: { -readonly [K in keyof TaskFilter]: TaskFilter[K] } = {}
  const details = [...problems]
  for (const { key, value } of terms) {
    if (key === '' || key === 'owner') filter.owner = value
    else if (key === 'organization') filter.organization = value
    else if (key === 'status') {
      const status = statuses.find((known) => known === value)
      if (status) filter.status = status
      else details.push(`"status" is one of ${statuses.join(', ')}, not "${value}".`)
    } else details.push(`"${key}" is not a valid search key. Keys: owner, organization, status.`)
  }
  if (details.length > 0) throw invalidQuery(details.map((detail) => ({ field: 'q', detail })))
  return filter
}

/** The newest first. */
export async function findTasks(db: Db, viewer: Principal, { owner, organization }: TaskFilter): Promise<string[]> {
  const onlyIds = allowedIds(viewer.limits, 'task')
  const found = await db
    .selectFrom('tasks as task')
    .innerJoin('users as owner', 'owner.id', 'task.owner_id')
    .innerJoin('organizations as organization', 'organization.id', 'task.organization_id')
    .where('task.deleted_at', 'is', null)
    .$if(!readsAll(viewer, 'task'), (query) => query.where('task.owner_id', '=', viewer.userId))
    .$if(onlyIds !== undefined, (query) => query.where(sql<boolean>`task.id = any(${onlyIds}::uuid[])`))
    .$if(owner === 'me', (query) => query.where('task.owner_id', '=', viewer.userId))
    .$if(owner !== undefined && owner !== 'me', (query) =>
      query.where(sql<boolean>`(lower(owner.username) = ${owner} or owner.id::text = ${owner})`),
    )
    .$if(organization !== undefined, (query) =>
      query.where(
        sql<boolean>`(lower(organization.name) = ${organization} or organization.id::text = ${organization})`,
      ),
    )
    .orderBy('task.created_at', 'desc')
    .select('task.id')
    .execute()
  return found.map(({ id }) => id)
}
