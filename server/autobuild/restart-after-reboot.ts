// Starts again, once, what ended with the computer: workspaces that ran on it when it was shut down or crashed. Their
// terminals go on from what was kept of them. Whatever else ended an agent is told and left to the person.

import { diedWithComputer } from '../agents/process-liveness.ts'
import { startBuildIn } from '../builds/start-build.ts'
import type { AutobuildContext } from './autobuild.ts'

/** For a coderd that has just started. One that cannot be started again is logged, and stays as it is. */
export async function bringBack(context: AutobuildContext): Promise<void> {
  for (const { workspace_id: id } of (await findRunning(context)).filter(diedWithComputer)) {
    try {
      if (await startAgain(context, id)) context.log.info({ workspace: id }, 'a workspace is back after a restart')
    } catch (error) {
      context.log.warn({ err: error, workspace: id }, 'a workspace could not be brought back after a restart')
    }
  }
}

/** The agents of all workspaces that run as far as is known and are to go on, or of one of those. */
const findRunning = ({ db, clock }: Pick<AutobuildContext, 'db' | 'clock'>, id?: string) =>
  db
    .selectFrom('workspaces as workspace')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('workspace_builds as build', 'build.id', 'workspace.latest_build_id')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('workspace_resources as resource', 'resource.job_id', 'job.id')
    .innerJoin('workspace_agents as agent', 'agent.resource_id', 'resource.id')
    .select([
      'build.workspace_id',
      'owner.id as owner_id',
      'owner.rbac_roles as owner_roles',
      'agent.process_pid',
      'agent.process_started_at',
      'agent.boot_id',
      'agent.machine_id',
    ])
    .$if(id !== undefined, (query) => query.where('workspace.id', '=', id as string))
    .where('workspace.deleted', '=', false)
    .where('workspace.dormant_at', 'is', null)
    .where('owner.status', '!=', 'suspended')
    .where('build.transition', '=', 'start')
    .where('job.job_status', '=', 'succeeded')
    .where((eb) => eb.or([eb('build.deadline', 'is', null), eb('build.deadline', '>', clock.now())]))
    .execute()

/** @returns false when somebody else, another coderd perhaps, has changed it meanwhile. */
async function startAgain(context: AutobuildContext, id: string): Promise<boolean> {
  return await context.db.transaction().execute(async (tx) => {
    await tx.selectFrom('workspaces').select('id').where('id', '=', id).forUpdate().execute()
    const died = (await findRunning({ ...context, db: tx }, id)).find(diedWithComputer)
    if (!died) return false
    const owner = { userId: died.owner_id, roles: died.owner_roles }
    await startBuildIn(tx, context, owner, id, { transition: 'start', reason: 'autostart', parameters: [] })
    return true
  })
}
