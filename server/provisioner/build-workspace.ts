// Runs build jobs: loads the inputs, calls the engine, stores the outcome. The state is stored
// during the build, so that no resource is lost if coderd crashes.

import { sql } from 'kysely'
import { finishBuild, type RunningBuild, storeState } from '../builds/finish-build.ts'
import type { BuildInput } from '../builds/insert-build.ts'
import type { Db } from '../database/connect.ts'
import { toJobEnd } from '../jobs/end-job.ts'
import { type BuildTask, type EngineTiming, stages } from '../jobs/engine.ts'
import { loadOwner } from '../templates/load-owner.ts'
import { readVariables } from '../templates/read-variables.ts'
import { openTemplateFiles, type TemplateFiles } from '../templates/template-files.ts'
import { ensureGitSshKey } from '../users/git-ssh-keys.ts'
import { readQuota } from '../users/quotas.ts'
import type { JobRun } from './job-run.ts'

export async function buildWorkspace(run: JobRun): Promise<void> {
  const { context, engine, job, log } = run
  const facts = await loadFacts(context.db, job.id)
  const build: RunningBuild = {
    jobId: job.id,
    buildId: facts.build_id,
    workspaceId: facts.workspace_id,
    transition: facts.transition,
  }
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.setUp,
    output: `Build ${facts.build_number} of ${facts.workspace_name}, version ${facts.version_name} of ${facts.template_name}, with the ${engine.name}.`,
  })
  const files = await openTemplateFiles(context.db, context.config.dataDir, job.fileId)
  const timings: EngineTiming[] = []
  const states = stateKeeper(context.db, facts.build_id, (error) =>
    context.log.error({ err: error, job: job.id }, 'could not store the state'),
  )
  const outcome = await engine.run(await toTask(run, facts, files), {
    signal: run.signal,
    onLog: (line) => log.write({ source: 'provisioner', ...line }),
    onTiming: (timing) => timings.push(timing),
    onState: states.keep,
  })
  await states.settle()
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.cleanUp,
    output: endLine(outcome.failure?.message),
  })
  // The log is flushed before the end is published, so that followers receive all lines.
  await log.flush()
  await finishBuild(context, build, outcome, timings, toJobEnd(outcome.failure, run.abortedBy()))
}

const endLine = (failure: string | undefined) =>
  failure === undefined ? 'Done.' : 'Failed. The existing resources are recorded.'

/** Stores states one at a time; of states that arrive during a write, only the latest is stored. */
function stateKeeper(db: Db, buildId: string, onError: (error: unknown) => void) {
  let latest: string | undefined
  let writing: Promise<void> | undefined
  const write = async () => {
    for (let state = latest; state !== undefined; state = latest) {
      latest = undefined
      await storeState(db, buildId, state).catch(onError)
    }
    writing = undefined
  }
  return {
    keep(state: string): void {
      latest = state
      writing ??= write()
    },
    /** Resolves when no write is in progress, which must precede the final write. */
    settle: async () => await writing,
  }
}

type Facts = Awaited<ReturnType<typeof loadFacts>>

async function loadFacts(db: Db, jobId: string) {
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

async function quotaOf(db: Db, { owner_id, workspace_id }: Facts): Promise<BuildTask['quota']> {
  const { consumed, budget } = await readQuota(db, owner_id, workspace_id)
  return budget === null ? null : { left: Math.max(0, budget - consumed), budget }
}

async function toTask(run: JobRun, facts: Facts, files: TemplateFiles): Promise<BuildTask> {
  const { context } = run
  const { public_key: sshPublicKey, private_key: sshPrivateKey } = await ensureGitSshKey(context.db, facts.owner_id)
  const loaded = await loadOwner(context.db, facts.owner_id)
  return {
    kind: 'build',
    dir: files.dir,
    fileHash: files.hash,
    transition: facts.transition,
    state: facts.provisioner_state === null ? null : facts.provisioner_state.toString('utf8'),
    isVerbose: (facts.input as Partial<BuildInput>).log_level === 'debug',
    quota: await quotaOf(context.db, facts),
    variables: await readVariables(context.db, facts.version_id),
    // Host access requires that both the owner and the initiator are deployment owners.
    mayExecuteHere: loaded.ownsDeployment && facts.initiator_roles.includes('owner'),
    coder: {
      accessUrl: context.accessUrl,
      workspace: { id: facts.workspace_id, name: facts.workspace_name },
      buildId: facts.build_id,
      owner: { ...loaded.owner, sshPublicKey, sshPrivateKey },
      template: { id: facts.template_id, name: facts.template_name, version: facts.version_name },
      parameters: facts.parameters ?? {},
      ...(facts.task && { task: facts.task }),
    },
    host: await run.hostFacts(facts.workspace_id),
  }
}
