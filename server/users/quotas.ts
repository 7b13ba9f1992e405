// Quotas: the daily cost of a user's workspaces and the budget, which is the sum of the allowances of the user's
// groups.

import { sql } from 'kysely'
import type { Db } from '../database/connect.ts'

export interface Quota {
  readonly consumed: number
  /** Null means unlimited: no group of the user has an allowance. */
  readonly budget: number | null
}

/** @param excludedWorkspaceId workspace to exclude because its cost is about to change */
export async function readQuota(db: Db, userId: string, excludedWorkspaceId?: string): Promise<Quota> {
  const { consumed } = await db
    .selectFrom('workspaces as workspace')
    .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
    .where('workspace.owner_id', '=', userId)
    .where('workspace.deleted', '=', false)
    .$if(excludedWorkspaceId !== undefined, (query) => query.where('workspace.id', '<>', excludedWorkspaceId ?? ''))
    .select(sql<number>`coalesce(sum(build.daily_cost), 0)::float8`.as('consumed'))
    .executeTakeFirstOrThrow()
  const { allowed } = await db
    .selectFrom('members_of_groups as member')
    .innerJoin('groups', 'groups.id', 'member.group_id')
    .where('member.user_id', '=', userId)
    .select(sql<number>`coalesce(sum(groups.quota_allowance), 0)::float8`.as('allowed'))
    .executeTakeFirstOrThrow()
  return { consumed, budget: allowed > 0 ? allowed : null }
}
