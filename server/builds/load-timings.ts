// Timings of a build: resources, agent scripts and agent connections.

import type { WorkspaceBuildTimings } from '../../api/workspaces/builds.ts'
import type { Db } from '../database/connect.ts'

export async function loadTimings(db: Db, jobId: string): Promise<WorkspaceBuildTimings> {
  const [steps, scripts, agents] = await Promise.all([
    db.selectFrom('provisioner_job_timings').selectAll().where('job_id', '=', jobId).orderBy('started_at').execute(),
    readScripts(db, jobId),
    readAgents(db, jobId),
  ])
  return {
    provisioner_timings: steps.map((step) => ({ ...step, ...span(step.started_at, step.ended_at) })),
    agent_script_timings: scripts.map((script) => ({ ...script, ...span(script.started_at, script.ended_at) })),
    agent_connection_timings: agents.flatMap(({ id, name, created_at, first_connected_at }) =>
      first_connected_at === null
        ? []
        : {
            ...span(created_at, first_connected_at),
            stage: 'connect' as const,
            workspace_agent_id: id,
            workspace_agent_name: name,
          },
    ),
  }
}

/** At least 1 ms long: Coder's dashboard rejects spans of zero length. */
const span = (started: Date, ended: Date) => ({
  started_at: started.toISOString(),
  ended_at: new Date(Math.max(ended.getTime(), started.getTime() + 1)).toISOString(),
})

async function readScripts(db: Db, jobId: string) {
  return await db
    .selectFrom('workspace_agent_script_timings as timing')
    .innerJoin('workspace_agent_scripts as script', 'script.id', 'timing.script_id')
    .innerJoin('workspace_agents as agent', 'agent.id', 'script.workspace_agent_id')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .where('resource.job_id', '=', jobId)
    .orderBy('timing.started_at')
    .select([
      'timing.started_at',
      'timing.ended_at',
      'timing.exit_code',
      'timing.stage',
      'timing.status',
      'script.display_name',
      'agent.id as workspace_agent_id',
      'agent.name as workspace_agent_name',
    ])
    .execute()
}

async function readAgents(db: Db, jobId: string) {
  return await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .where('resource.job_id', '=', jobId)
    .select(['agent.id', 'agent.name', 'agent.created_at', 'agent.first_connected_at'])
    .execute()
}
