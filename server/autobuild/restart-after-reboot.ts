// Restarts the workspaces that ran on this computer before a reboot, once; their terminals are restored. Agents that
// exited for another reason are only reported as unhealthy.

import { exitedByReboot } from '../agents/process-liveness.ts'
import { startBuildInTransaction } from '../builds/start-build.ts'
import type { AutobuildContext } from './autobuild.ts'

/** Called when coderd starts. Workspaces that cannot be restarted are logged and left stopped. */
export async function restartAfterReboot(context: AutobuildContext): Promise<void> {
  for (const { workspace_id: id } of (await findRunning(context)).filter(exitedByReboot)) {
    try {
      if (await restartWorkspace(context, id))
        context.log.info({ workspace: id }, 'restarted a workspace after a reboot')
    } catch (error) {
      context.log.warn({ err: error, workspace: id }, 'could not restart a workspace after a reboot')
    }
  }
}

/** Agents of workspaces that are recorded as running and not due to stop; of one workspace if `id` is given. */
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

/** @returns false if the workspace was changed concurrently, for example restarted by another coderd */
async function restartWorkspace(context: AutobuildContext, id: string): Promise<boolean> {
  return await context.db.transaction().execute(async (tx) => {
    await tx.selectFrom('workspaces').select('id').where('id', '=', id).forUpdate().execute()
    const agent = (await findRunning({ ...context, db: tx }, id)).find(exitedByReboot)
    if (!agent) return false
    const owner = { userId: agent.owner_id, roles: agent.owner_roles }
    await startBuildInTransaction(tx, context, owner, id, { transition: 'start', reason: 'autostart', parameters: [] })
    return true
  })
}
