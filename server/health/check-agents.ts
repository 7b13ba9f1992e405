// Whether the agents of running workspaces are there.

import type { AgentsHealth } from '../../api/health.ts'
import type { ServerContext } from '../context.ts'
import { allWell, warned } from './section.ts'

type Report = Omit<AgentsHealth, 'dismissed'>

const shown = 10

export async function checkAgents({ db, connections }: ServerContext): Promise<Report> {
  const agents = await db
    .selectFrom('workspaces as workspace')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoinLateral(
      (inner) =>
        inner
          .selectFrom('workspace_builds')
          .whereRef('workspace_builds.workspace_id', '=', 'workspace.id')
          .select(['workspace_builds.job_id', 'workspace_builds.transition'])
          .orderBy('build_number', 'desc')
          .limit(1)
          .as('latest'),
      (join) => join.onTrue(),
    )
    .innerJoin('provisioner_jobs as job', 'job.id', 'latest.job_id')
    .innerJoin('workspace_resources as resource', 'resource.job_id', 'latest.job_id')
    .innerJoin('workspace_agents as agent', 'agent.resource_id', 'resource.id')
    .where('workspace.deleted', '=', false)
    .where('latest.transition', '=', 'start')
    .where('job.job_status', '=', 'succeeded')
    .select(['agent.id', 'agent.name', 'agent.first_connected_at', 'workspace.name as workspace', 'owner.username'])
    .execute()
  // One that never connected may be on its way; its workspace says when that takes too long.
  const missing = agents.filter(({ id, first_connected_at }) => first_connected_at && !connections.isConnected(id))
  const names = missing.slice(0, shown).map(({ username, workspace, name }) => `${username}/${workspace}.${name}`)
  const finding =
    missing.length === 0
      ? allWell
      : warned(
          'EUNKNOWN',
          `${missing.length} ${missing.length === 1 ? 'agent' : 'agents'} of running workspaces lost the connection. Start those workspaces again.`,
        )
  return {
    ...finding,
    healthy: true,
    connected: agents.filter(({ id }) => connections.isConnected(id)).length,
    missing: names,
  }
}
