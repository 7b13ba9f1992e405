// Runs dry-run jobs: the engine plans a start without applying it, and the planned resources are stored with the job.

import { randomUUID } from 'node:crypto'
import { completeJob } from '../builds/complete-job.ts'
import { insertTimings } from '../builds/finish-build.ts'
import { insertResources } from '../builds/insert-resources.ts'
import { type Db, retryWhileUnavailable } from '../database/connect.ts'
import { toJobEnd } from '../jobs/end-job.ts'
import { type DryRunTask, type EngineTiming, stages } from '../jobs/engine.ts'
import { isAuthoredByOwner, loadOwner } from '../templates/load-owner.ts'
import type { DryRunInput } from '../templates/start-dry-run.ts'
import { openTemplateFiles } from '../templates/template-files.ts'
import { readVariables } from '../templates/variable-values.ts'
import type { JobRun } from './job-run.ts'

const retryMs = 60_000

export async function dryRunVersion(run: JobRun): Promise<void> {
  const { context, engine, job, log } = run
  const inputs = await loadInputs(context.db, job.id)
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.setUp,
    output: `Dry run of version ${inputs.version_name}: ${engine.name}. No resources are created.`,
  })
  const timings: EngineTiming[] = []
  const outcome = await engine.run(await toTask(run, inputs), {
    signal: run.signal,
    onLog: (line) => log.write({ source: 'provisioner', ...line }),
    onTiming: (timing) => timings.push(timing),
    onState: () => undefined,
  })
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.cleanUp,
    output: outcome.failure ? 'The dry run failed.' : 'Done.',
  })
  await log.flush()
  await retryWhileUnavailable(
    () =>
      context.db.transaction().execute(async (tx) => {
        if (!(await completeJob(tx, context.events, job.id, toJobEnd(outcome.failure, run.abortedBy())))) return
        await insertTimings(tx, job.id, timings)
        await insertResources(tx, context.encryption, job.id, 'start', outcome.resources)
      }),
    retryMs,
  )
}

type Inputs = Awaited<ReturnType<typeof loadInputs>>

async function loadInputs(db: Db, jobId: string) {
  const { input, initiator_id } = await db
    .selectFrom('provisioner_jobs')
    .select(['input', 'initiator_id'])
    .where('id', '=', jobId)
    .executeTakeFirstOrThrow()
  const request = input as unknown as DryRunInput
  const version = await db
    .selectFrom('template_versions as version')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('version.id', '=', request.template_version_id)
    .select(['version.name as version_name', 'template.id as template_id', 'template.name as template_name'])
    .executeTakeFirstOrThrow()
  return { ...version, request, initiator_id }
}

async function toTask(run: JobRun, { request, initiator_id, ...inputs }: Inputs): Promise<DryRunTask> {
  const { context, job } = run
  const initiator = await loadOwner(context.db, context.encryption, initiator_id)
  const files = await openTemplateFiles(context.db, context.config.dataDir, job.fileId)
  const workspaceId = randomUUID()
  return {
    kind: 'dry-run',
    dir: files.dir,
    fileHash: files.hash,
    variables: {
      ...(await readVariables(context.db, context.encryption, request.template_version_id)),
      ...toRecord(request.user_variable_values),
    },
    mayAccessHost: initiator.ownsDeployment,
    mayReadOutsideModule:
      initiator.ownsDeployment && (await isAuthoredByOwner(context.db, request.template_version_id)),
    coder: {
      accessUrl: context.accessUrl,
      workspace: { id: workspaceId, name: request.workspace_name || 'default' },
      // A build ID makes missing parameter values an error, as in builds.
      buildId: job.id,
      owner: initiator.owner,
      template: { id: inputs.template_id ?? '', name: inputs.template_name ?? '', version: inputs.version_name },
      parameters: toRecord(request.rich_parameter_values),
    },
    host: await run.hostContext(workspaceId),
  }
}

const toRecord = (values: DryRunInput['rich_parameter_values']): Record<string, string> =>
  Object.fromEntries(values.map(({ name, value }) => [name, value]))
