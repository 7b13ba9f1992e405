// Task search: the `?q=` query language, restricted to tasks that the user may read.

import { sql } from 'kysely'
import type { Task } from '../../api/tasks/tasks.ts'
import type { Db } from '../database/connect.ts'
import { canReadAll, type Principal } from '../policy/policy.ts'
import { readableIds } from '../policy/scopes.ts'
import { invalidSearch, parseSearch, unknownKey } from '../search/parse-search.ts'
import { requireSearchedOrganization, requireSearchedUser } from '../search/searched-names.ts'

export interface TaskFilter {
  readonly owner: string | undefined
  readonly organization: string | undefined
  readonly status: Task['status'] | undefined
}

const statuses: readonly Task['status'][] = ['pending', 'initializing', 'active', 'paused', 'unknown', 'error']

const keys = ['owner', 'organization', 'status'] as const

/** @throws ApiError 400 with the invalid terms */
export async function parseTaskSearch(db: Db, viewer: Principal, query: string): Promise<TaskFilter> {
  const { terms, problems } = parseSearch(query)
  const validations = [...problems]
  const termValue = (wanted: (typeof keys)[number]) => terms.find(({ key }) => key === wanted)?.value
  for (const { key } of terms) if (![...keys, ''].includes(key)) validations.push(unknownKey(key, keys))
  const bare = terms.filter(({ key }) => key === '').map(({ value }) => value)
  const owner = bare.length > 0 ? bare.join(' ') : termValue('owner')
  const named = termValue('status')
  const status = statuses.find((candidate) => candidate === named)
  if (status === undefined && named !== undefined)
    validations.push({ field: 'status', detail: `"status" is one of ${statuses.join(', ')}, not "${named}".` })
  if (validations.length > 0) throw invalidSearch('task', validations)
  const organization = termValue('organization')
  await requireSearchedUser(db, viewer, 'task', 'owner', owner)
  await requireSearchedOrganization(db, 'task', organization)
  return { owner, organization, status }
}

/** Returns tasks, newest first. */
export async function findTasks(
  db: Db,
  viewer: Principal,
  { owner, organization }: Omit<TaskFilter, 'status'>,
): Promise<string[]> {
  const onlyIds = readableIds(viewer.limits, 'task')
  const found = await db
    .selectFrom('tasks as task')
    .innerJoin('users as owner', 'owner.id', 'task.owner_id')
    .innerJoin('organizations as organization', 'organization.id', 'task.organization_id')
    .where('task.deleted_at', 'is', null)
    .$if(!canReadAll(viewer, 'task'), (query) => query.where('task.owner_id', '=', viewer.userId))
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
