// Ends a job, once: whoever comes second (a daemon, the reaper, a cancel) changes nothing. Tells those who follow its
// log and those who look at what it worked for.

import { sql } from 'kysely'
import { audit, inTheNameOf } from '../audit/audit.ts'
import { notifyOfBuild } from '../builds/notify-of-build.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { JobErrorCode } from '../database/schema.ts'
import type { Events } from '../events.ts'
import type { EngineFailure } from './engine.ts'
import { jobChanged } from './job-channels.ts'

/** What a job fails with whose coderd ended before it, in good order or not. */
export const stoppedInTheMiddle =
  'coderd was stopped in the middle of this. What had been made by then is remembered: ' +
  'start again to finish it, or delete the workspace to clean up.'

export interface JobEnd {
  /** Null when the job did what it should, or was canceled. */
  readonly error: string | null
  readonly code?: JobErrorCode | undefined
  /** The work was done although somebody asked to cancel it: then it counts as done. */
  readonly inSpiteOfCancel?: boolean
}

/** How a job ends whose engine gave this failure, or none. */
export function endOf(failure: EngineFailure | null, endedBy: 'cancel' | 'stop' | null): JobEnd {
  if (failure === null) return { error: null, inSpiteOfCancel: true }
  if (endedBy === 'cancel') return { error: null }
  return endedBy === 'stop' ? { error: stoppedInTheMiddle } : { error: failure.message, code: failure.code }
}

/** @returns false when the job had ended before; then nothing of what the caller does may be kept either. */
export async function endJob(tx: Tx, events: Events, jobId: string, end: JobEnd): Promise<boolean> {
  const ended = await tx
    .updateTable('provisioner_jobs')
    .set({
      completed_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
      error: end.error,
      error_code: end.code ?? null,
      ...(end.inSpiteOfCancel ? { canceled_at: null } : {}),
    })
    .where('id', '=', jobId)
    .where('completed_at', 'is', null)
    .returning('type')
    .executeTakeFirst()
  if (!ended) return false
  await notifyChannel(tx, jobChanged(jobId))
  if (ended.type === 'workspace_build') await auditBuild(tx, jobId)
  if (ended.type === 'workspace_build') await notifyOfBuild(tx, jobId)
  if (ended.type === 'workspace_build') await publishBuild(tx, events, jobId)
  else await publishVersion(tx, events, jobId)
  return true
}

/** A build is audited when it ends, because only then one knows what became of it. */
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
  await audit(tx, inTheNameOf(build.initiator_id), {
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

/** Tells that a build has begun to run, is to be canceled or has ended. */
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
