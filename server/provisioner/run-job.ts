// Runs one acquired job: heartbeat, the runner for its type, and the recorded outcome.

import type { ProvisionerJobType } from '../../api/organizations/provisioner-jobs.ts'
import { readBootId } from '../../lib/process-identity.ts'
import { explainResourceError } from '../../lib/resource-errors.ts'
import { ArchiveError } from '../archives/archive-entry.ts'
import { completeJob, publishBuild } from '../builds/complete-job.ts'
import type { ServerContext } from '../context.ts'
import { retryWhileUnavailable } from '../database/connect.ts'
import type { AcquiredJob } from '../jobs/acquire-job.ts'
import { type Engine, stages } from '../jobs/engine.ts'
import { type CancelListener, startHeartbeat } from '../jobs/heartbeat.ts'
import { openJobLog } from '../jobs/job-logs.ts'
import { buildWorkspace } from './build-workspace.ts'
import { dryRunVersion } from './dry-run-version.ts'
import { hostEnvironment } from './host-environment.ts'
import { importVersion } from './import-version.ts'
import type { JobRun } from './job-run.ts'

/** Dependencies that a daemon passes to each of its jobs. */
export interface JobDependencies {
  readonly context: ServerContext
  readonly engine: Engine
  readonly cancelListener: CancelListener
  /** Aborted when coderd stops and its grace period is over. */
  readonly stopping: AbortSignal
}

const runners: Record<ProvisionerJobType, (run: JobRun) => Promise<void>> = {
  template_version_import: importVersion,
  workspace_build: buildWorkspace,
  template_version_dry_run: dryRunVersion,
}

// Time to retry storing the outcome of a job while the database is unavailable.
const retryMs = 60_000

/** Records errors of the job in its row; rejects only if that fails. */
export async function runJob(
  { context, engine, cancelListener, stopping }: JobDependencies,
  job: AcquiredJob,
): Promise<void> {
  const heartbeat = startHeartbeat(context, cancelListener, job.id)
  const run: JobRun = {
    context,
    engine,
    job,
    log: openJobLog(context.pool, job.id, (err) =>
      context.log.error({ err, job: job.id }, 'could not store the job log'),
    ),
    signal: AbortSignal.any([heartbeat.canceled, stopping]),
    abortedBy: () => (heartbeat.canceled.aborted ? 'cancel' : stopping.aborted ? 'stop' : null),
    hostContext: async (workspaceId) => ({
      dataDir: context.config.dataDir,
      workspaceId,
      agentBinDir: await context.agentBinDir,
      environment: hostEnvironment(),
      bootId: readBootId(),
    }),
  }
  try {
    await Promise.all([publishStarted(run), runners[job.type](run)])
  } catch (err) {
    if (!(err instanceof ArchiveError)) context.log.error({ err, job: job.id }, 'job failed')
    await failJob(run, explainResourceError(err) ?? (err instanceof Error ? err.message : String(err)))
  } finally {
    heartbeat.stop()
  }
}

/** Notifies dashboards that the build is running; the build does not wait for it. */
async function publishStarted({ context, job }: JobRun): Promise<void> {
  if (job.type !== 'workspace_build') return
  await publishBuild(context.db, context.events, job.id).catch((err: unknown) =>
    context.log.warn({ err, job: job.id }, 'could not publish the build-started event'),
  )
}

async function failJob({ context, job, log }: JobRun, message: string): Promise<void> {
  log.write({ source: 'provisioner_daemon', level: 'error', stage: stages.cleanUp, output: message })
  await log.flush()
  await retryWhileUnavailable(
    () => context.db.transaction().execute((tx) => completeJob(tx, context.events, job.id, { error: message })),
    retryMs,
  )
}
