// Detects superseded agents, whose streams can end.

import type { Db } from '../database/connect.ts'

/** Whether a later build of the workspace has completed. While it runs, the agent is stopping and may send logs. */
export async function isSuperseded(db: Db, agentId: string): Promise<boolean> {
  const later = await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .innerJoin('workspace_builds as later', (join) =>
      join
        .onRef('later.workspace_id', '=', 'build.workspace_id')
        .onRef('later.build_number', '>', 'build.build_number'),
    )
    .innerJoin('provisioner_jobs as job', 'job.id', 'later.job_id')
    .where('agent.id', '=', agentId)
    .where('job.completed_at', 'is not', null)
    .select('later.id')
    .limit(1)
    .executeTakeFirst()
  return later !== undefined
}
