// Completes a job: records its end, and for a build writes the audit log, queues notifications and publishes the event.

import { sql } from 'kysely'
import { actorForUser, audit } from '../audit/audit.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Events } from '../events.ts'
import { type JobEnd, markJobEnded } from '../jobs/end-job.ts'
import { notifyOfBuild } from './notify-of-build.ts'

/** @returns false if the job was already completed by a daemon, the reaper or a cancellation: the caller must then not
 *  store its outcome. */
export async function completeJob(tx: Tx, events: Events, jobId: string, end: JobEnd): Promise<boolean> {
  const type = await markJobEnded(tx, jobId, end)
  if (type === null) return false
  if (type !== 'workspace_build') {
    await publishVersion(tx, events, jobId)
    return true
  }
  await auditBuild(tx, jobId)
  await notifyOfBuild(tx, jobId)
  await publishBuild(tx, events, jobId)
  return true
}

/** Writes the audit entry of a build, at its end because the entry includes the outcome. */
async function auditBuild(tx: Tx, jobId: string): Promise<void> {
  const build = await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .leftJoin('workspace_builds as previous', (join) =>
      join
        .onRef('previous.workspace_id', '=', 'build.workspace_id')
        .on('previous.build_number', '=', sql<number>`build.build_number - 1`),
    )
    .where('build.job_id', '=', jobId)
    .select([
      'build.id',
      'build.workspace_id',
      'build.template_version_id',
      'build.build_number',
      'build.transition',
      'build.reason',
      'build.initiator_id',
      'job.job_status',
      'previous.template_version_id as previous_version_id',
      'workspace.name',
      'workspace.organization_id',
      'owner.username',
    ])
    .executeTakeFirst()
  if (!build) return
  await audit(tx, actorForUser(build.initiator_id), {
    action: build.transition,
    resource: 'workspace_build',
    id: build.id,
    target: build.name,
    organizationId: build.organization_id,
    before: { template_version_id: build.previous_version_id ?? build.template_version_id },
    after: { template_version_id: build.template_version_id },
    status: build.job_status === 'succeeded' ? 200 : 500,
    fields: {
      workspace_name: build.name,
      workspace_id: build.workspace_id,
      workspace_owner: build.username,
      build_number: String(build.build_number),
      build_reason: build.reason,
    },
  })
}

/** Publishes the workspace event of a build that started, is being canceled or ended. */
export async function publishBuild(db: Db, events: Events, jobId: string): Promise<void> {
  const build = await db
    .selectFrom('workspace_builds')
    .select('workspace_id')
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  if (build) await events.publish(db, { type: 'workspace', workspace_id: build.workspace_id, reason: 'build' })
}

async function publishVersion(tx: Tx, events: Events, jobId: string): Promise<void> {
  const version = await tx
    .selectFrom('template_versions')
    .select('template_id')
    .where('job_id', '=', jobId)
    .executeTakeFirst()
  if (version?.template_id) await events.publish(tx, { type: 'template', template_id: version.template_id })
}
