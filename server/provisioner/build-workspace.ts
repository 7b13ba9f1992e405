// Runs build jobs: loads the inputs, calls the engine, stores the outcome. Also stores the state during the build, so that
// no resource is lost if coderd crashes.

import { sql } from 'kysely'
import { decryptState } from '../builds/build-state.ts'
import { finishBuild, type RunningBuild, storeState } from '../builds/finish-build.ts'
import type { BuildInput } from '../builds/insert-build.ts'
import type { Db } from '../database/connect.ts'
import { toJobEnd } from '../jobs/end-job.ts'
import { type BuildTask, type EngineTiming, stages } from '../jobs/engine.ts'
import { isAuthoredByOwner, loadOwner } from '../templates/load-owner.ts'
import { openTemplateFiles, type TemplateFiles } from '../templates/template-files.ts'
import { readVariables } from '../templates/variable-values.ts'
import { decryptPrivateKey, ensureGitSshKey } from '../users/git-ssh-keys.ts'
import { readQuota } from '../users/quotas.ts'
import type { JobRun } from './job-run.ts'

export async function buildWorkspace(run: JobRun): Promise<void> {
  const { context, engine, job, log } = run
  const inputs = await loadInputs(context.db, job.id)
  const build: RunningBuild = {
    jobId: job.id,
    buildId: inputs.build_id,
    workspaceId: inputs.workspace_id,
    versionId: inputs.version_id,
    transition: inputs.transition,
  }
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.setUp,
    output: `Build ${inputs.build_number} of workspace ${inputs.workspace_name}: version ${inputs.version_name} of template ${inputs.template_name}, ${engine.name}.`,
  })
  const files = await openTemplateFiles(context.db, context.config.dataDir, job.fileId)
  const timings: EngineTiming[] = []
  const stateWriter = createStateWriter(context, build, (error) =>
    context.log.error({ err: error, job: job.id }, 'could not store the state'),
  )
  const outcome = await engine.run(await toTask(run, inputs, files), {
    signal: run.signal,
    onLog: (line) => log.write({ source: 'provisioner', ...line }),
    onTiming: (timing) => timings.push(timing),
    onState: stateWriter.write,
  })
  await stateWriter.flush()
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.cleanUp,
    output: outcome.failure ? 'Failed. The resources created so far are recorded.' : 'Done.',
  })
  // The log is flushed before the end is published, so that followers receive all lines.
  await log.flush()
  await finishBuild(context, build, outcome, timings, toJobEnd(outcome.failure, run.abortedBy()))
}

/** Stores states one at a time; of states that arrive during a write, only the latest is stored. */
function createStateWriter(
  { db, encryption }: JobRun['context'],
  build: RunningBuild,
  onError: (error: unknown) => void,
) {
  let latest: string | undefined
  let writing: Promise<void> | undefined
  const writePending = async () => {
    for (let state = latest; state !== undefined; state = latest) {
      latest = undefined
      await storeState(db, encryption, build, state).catch(onError)
    }
    writing = undefined
  }
  return {
    write(state: string): void {
      latest = state
      writing ??= writePending()
    },
    /** Resolves when no write is in progress. Required before the final state is stored. */
    flush: async () => await writing,
  }
}

type Inputs = Awaited<ReturnType<typeof loadInputs>>

async function loadInputs(db: Db, jobId: string) {
  return await db
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('users as initiator', 'initiator.id', 'build.initiator_id')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .where('build.job_id', '=', jobId)
    .select([
      'build.id as build_id',
      'job.input',
      'build.build_number',
      'build.transition',
      'build.provisioner_state',
      'build.provisioner_state_key_id',
      'workspace.id as workspace_id',
      'workspace.name as workspace_name',
      'workspace.organization_id',
      'template.id as template_id',
      'template.name as template_name',
      'version.id as version_id',
      'version.name as version_name',
      'workspace.owner_id',
      'initiator.rbac_roles as initiator_roles',
    ])
    .select(({ selectFrom }) => [
      selectFrom('workspace_build_parameters as parameter')
        .whereRef('parameter.workspace_build_id', '=', 'build.id')
        .select(sql<Record<string, string>>`coalesce(json_object_agg(name, value), '{}')`.as('values'))
        .as('parameters'),
      selectFrom('tasks')
        .whereRef('tasks.workspace_id', '=', 'workspace.id')
        .where('tasks.deleted_at', 'is', null)
        .select(sql<{ id: string; prompt: string }>`json_build_object('id', id, 'prompt', prompt)`.as('task'))
        .limit(1)
        .as('task'),
    ])
    .executeTakeFirstOrThrow()
}

async function loadQuota(db: Db, { owner_id, workspace_id }: Inputs): Promise<BuildTask['quota']> {
  const { consumed, budget } = await readQuota(db, owner_id, workspace_id)
  return budget === null ? null : { left: Math.max(0, budget - consumed), budget }
}

interface Secrets {
  readonly sshPrivateKey: string
  readonly variables: Readonly<Record<string, string>>
}

const noSecrets: Secrets = { sshPrivateKey: '', variables: {} }

/** @throws MissingKeyError */
async function loadSecrets({ db, encryption }: JobRun['context'], inputs: Inputs): Promise<Secrets> {
  return {
    sshPrivateKey: decryptPrivateKey(encryption, await ensureGitSshKey(db, encryption, inputs.owner_id)),
    variables: await readVariables(db, encryption, inputs.version_id),
  }
}

async function toTask(run: JobRun, inputs: Inputs, files: TemplateFiles): Promise<BuildTask> {
  const { context } = run
  const { db, encryption } = context
  const { owner, ownsDeployment } = await loadOwner(db, encryption, inputs.owner_id)
  const state = decryptState(encryption, inputs.workspace_id, inputs)?.toString('utf8') ?? null
  // An orphaned workspace can be deleted without the encryption key.
  const isOrphaned = inputs.transition === 'delete' && state === null
  const secrets = isOrphaned ? noSecrets : await loadSecrets(context, inputs)
  // Host access requires that both the owner and the initiator are deployment owners.
  const mayAccessHost = ownsDeployment && inputs.initiator_roles.includes('owner')
  return {
    kind: 'build',
    dir: files.dir,
    fileHash: files.hash,
    transition: inputs.transition,
    state,
    isVerbose: (inputs.input as Partial<BuildInput>).log_level === 'debug',
    quota: await loadQuota(db, inputs),
    variables: secrets.variables,
    mayAccessHost,
    mayReadOutsideModule: mayAccessHost && (await isAuthoredByOwner(db, inputs.version_id)),
    coder: {
      accessUrl: context.accessUrl,
      workspace: { id: inputs.workspace_id, name: inputs.workspace_name },
      buildId: inputs.build_id,
      owner: { ...owner, sshPrivateKey: secrets.sshPrivateKey },
      template: { id: inputs.template_id, name: inputs.template_name, version: inputs.version_name },
      parameters: inputs.parameters ?? {},
      ...(inputs.task && { task: inputs.task }),
    },
    host: await run.hostContext(inputs.workspace_id),
  }
}
