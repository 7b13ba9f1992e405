// One job from the moment a daemon holds it to its end: heartbeat, the work itself, and an end in every case. What the
// work is depends on the kind of job.

import type { ProvisionerJobType } from '../../api/organizations/provisioner-jobs.ts'
import { readBootId } from '../../lib/process-identity.ts'
import { explainShortage } from '../../lib/shortage.ts'
import { ArchiveError } from '../archives/archive-entry.ts'
import { completeJob, publishBuild } from '../builds/complete-job.ts'
import type { ServerContext } from '../context.ts'
import { retryWhileUnavailable } from '../database/connect.ts'
import type { AcquiredJob } from '../jobs/acquire-job.ts'
import { type Engine, stages } from '../jobs/engine.ts'
import { type Cancels, keepAlive } from '../jobs/heartbeat.ts'
import { openJobLog } from '../jobs/job-logs.ts'
import { buildWorkspace } from './build-workspace.ts'
import { dryRunVersion } from './dry-run-version.ts'
import { hostEnvironment } from './host-environment.ts'
import { importVersion } from './import-version.ts'
import type { JobRun } from './job-run.ts'

/** What a daemon brings along to every job. */
export interface JobDependencies {
  readonly context: ServerContext
  readonly engine: Engine
  readonly cancels: Cancels
  /** Aborted when coderd stops and waits no longer. */
  readonly stopping: AbortSignal
}

const work: Record<ProvisionerJobType, (run: JobRun) => Promise<void>> = {
  template_version_import: importVersion,
  workspace_build: buildWorkspace,
  template_version_dry_run: dryRunVersion,
}

// The end of a job is worth waiting for a database that is being restarted.
const patienceMs = 60_000

/** Never rejects for what the job did: the job's row tells. */
export async function runJob({ context, engine, cancels, stopping }: JobDependencies, job: AcquiredJob): Promise<void> {
  const life = keepAlive(context, cancels, job.id)
  const run: JobRun = {
    context,
    engine,
    job,
    log: openJobLog(context.pool, job.id, (err) => context.log.error({ err, job: job.id }, 'job log not stored')),
    signal: AbortSignal.any([life.ended, stopping]),
    endedBy: () => (life.ended.aborted ? 'cancel' : stopping.aborted ? 'stop' : null),
    hostFacts: async (workspaceId) => ({
      dataDir: context.config.dataDir,
      workspaceId,
      agentBinDir: await context.agentBinDir,
      environment: hostEnvironment(),
      bootId: readBootId(),
    }),
  }
  try {
    await Promise.all([tellStarted(run), work[job.type](run)])
  } catch (err) {
    if (!(err instanceof ArchiveError)) context.log.error({ err, job: job.id }, 'job failed')
    await fail(run, explainShortage(err) ?? (err instanceof Error ? err.message : String(err)))
  } finally {
    life.stop()
  }
}

/** Pages show that the build runs; the build does not wait for that. */
async function tellStarted({ context, job }: JobRun): Promise<void> {
  if (job.type !== 'workspace_build') return
  await publishBuild(context.db, context.events, job.id).catch((err: unknown) =>
    context.log.warn({ err, job: job.id }, 'nobody heard that the build has begun'),
  )
}

async function fail({ context, job, log }: JobRun, message: string): Promise<void> {
  log.write({ source: 'provisioner_daemon', level: 'error', stage: stages.cleanUp, output: message })
  await log.flush()
  await retryWhileUnavailable(
    () => context.db.transaction().execute((tx) => completeJob(tx, context.events, job.id, { error: message })),
    patienceMs,
  )
}
