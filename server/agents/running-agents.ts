// Agents of running workspaces, with their owners.

import type { Db } from '../database/connect.ts'

export async function loadRunningAgents(db: Db) {
  return await db
    .selectFrom('workspaces as workspace')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('workspace_builds as latest', 'latest.id', 'workspace.latest_build_id')
    .innerJoin('provisioner_jobs as job', 'job.id', 'latest.job_id')
    .innerJoin('workspace_resources as resource', 'resource.job_id', 'latest.job_id')
    .innerJoin('workspace_agents as agent', 'agent.resource_id', 'resource.id')
    .where('workspace.deleted', '=', false)
    .where('latest.transition', '=', 'start')
    .where('job.job_status', '=', 'succeeded')
    .select([
      'agent.id',
      'agent.name',
      'agent.lifecycle_state',
      'agent.created_at',
      'agent.connection_timeout_seconds',
      'agent.first_connected_at',
      'agent.last_connected_at',
      'agent.disconnected_at',
      'workspace.name as workspace',
      'owner.username',
    ])
    .execute()
}
