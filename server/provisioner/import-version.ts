// Runs import jobs: the engine reads the template version, and its parameters, variables and resources are stored for
// the dashboard and for the validation of builds.

import { randomUUID } from 'node:crypto'
import type { ParameterFormType } from '../../api/templates/template-versions.ts'
import type { ExtractedVariable } from '../../terraform/extraction/extracted-types.ts'
import { completeJob } from '../builds/complete-job.ts'
import { insertTimings } from '../builds/finish-build.ts'
import { insertResources } from '../builds/insert-resources.ts'
import { type Db, retryWhileUnavailable, type Tx } from '../database/connect.ts'
import type { Encryption } from '../encryption/encryption.ts'
import { toJobEnd } from '../jobs/end-job.ts'
import { type EngineTiming, type ImportOutcome, type ImportTask, stages } from '../jobs/engine.ts'
import { loadOwner } from '../templates/load-owner.ts'
import { adoptStarterVersion } from '../templates/starter-templates.ts'
import { openTemplateFiles, readReadme, type TemplateFiles } from '../templates/template-files.ts'
import { encryptVariable } from '../templates/variable-values.ts'
import type { JobRun } from './job-run.ts'

const retryMs = 60_000

/** Input of the import besides the archive. The values are stored with the variables of the template. */
interface ImportInput {
  /** Starter ID; the version of a starter is activated immediately. */
  readonly starter?: string
  readonly user_variable_values?: readonly { readonly name: string; readonly value: string }[]
}

export async function importVersion(run: JobRun): Promise<void> {
  const { context, engine, job, log } = run
  const inputs = await loadInputs(context.db, job.id)
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.setUp,
    output: `Import of version ${inputs.version_name}: ${engine.name}.`,
  })
  const files = await openTemplateFiles(context.db, context.config.dataDir, job.fileId)
  const { starter, user_variable_values: values = [] } = inputs.input as ImportInput
  const variables = Object.fromEntries(values.map(({ name, value }) => [name, value]))
  const timings: EngineTiming[] = []
  const outcome = await engine.run(await toTask(run, inputs, files, variables), {
    signal: run.signal,
    onLog: (line) => log.write({ source: 'provisioner', ...line }),
    onTiming: (timing) => timings.push(timing),
    onState: () => undefined,
  })
  const readme = await readReadme(files.dir)
  log.write({
    source: 'provisioner_daemon',
    level: 'info',
    stage: stages.cleanUp,
    output: outcome.failure ? 'The import failed.' : 'Done.',
  })
  await log.flush()
  await retryWhileUnavailable(
    () =>
      context.db.transaction().execute(async (tx) => {
        const { failure } = outcome
        if (!(await completeJob(tx, context.events, job.id, toJobEnd(failure, run.abortedBy())))) return
        await storeImport(
          tx,
          context.encryption,
          { jobId: job.id, versionId: inputs.version_id, readme, variables },
          outcome,
          timings,
        )
        if (starter !== undefined && !failure) await adoptStarterVersion(tx, context.events, starter, inputs.version_id)
      }),
    retryMs,
  )
}

type Inputs = Awaited<ReturnType<typeof loadInputs>>

async function loadInputs(db: Db, jobId: string) {
  return await db
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('version.job_id', '=', jobId)
    .select([
      'version.id as version_id',
      'version.name as version_name',
      'job.input',
      'template.id as template_id',
      'template.name as template_name',
      'job.initiator_id',
    ])
    .executeTakeFirstOrThrow()
}

async function toTask(
  run: JobRun,
  inputs: Inputs,
  files: TemplateFiles,
  variables: Readonly<Record<string, string>>,
): Promise<ImportTask> {
  const initiator = await loadOwner(run.context.db, run.context.encryption, inputs.initiator_id)
  return {
    kind: 'import',
    dir: files.dir,
    fileHash: files.hash,
    variables,
    mayAccessHost: initiator.ownsDeployment,
    mayReadOutsideModule: initiator.ownsDeployment,
    coder: {
      accessUrl: run.context.accessUrl,
      // Placeholder for templates that use the workspace name.
      workspace: { id: randomUUID(), name: 'default' },
      buildId: '',
      owner: initiator.owner,
      template: { id: inputs.template_id ?? '', name: inputs.template_name ?? '', version: inputs.version_name },
      parameters: {},
    },
    host: await run.hostContext(randomUUID()),
  }
}

interface Version {
  readonly jobId: string
  readonly versionId: string
  readonly readme: string
  readonly variables: Readonly<Record<string, string>>
}

async function storeImport(
  tx: Tx,
  encryption: Encryption,
  version: Version,
  outcome: ImportOutcome,
  timings: readonly EngineTiming[],
): Promise<void> {
  await tx
    .updateTable('template_versions')
    .set({
      readme: version.readme,
      // Files outside the template are as sensitive as commands: a build that reads them is restricted like one that
      // executes here.
      executes_here: outcome.hostResources.length + outcome.outsidePaths.length > 0,
      has_ai_task: outcome.hasAiTask,
      has_external_agent: outcome.hasExternalAgent,
      has_workspace_tags: outcome.hasWorkspaceTags,
      updated_at: new Date(),
    })
    .where('id', '=', version.versionId)
    .execute()
  await insertTimings(tx, version.jobId, timings)
  // Also stored if the import failed because of missing values, so that clients can request them.
  await insertVariables(tx, encryption, version, outcome.variables)
  if (outcome.failure) return
  await insertParameters(tx, version.versionId, outcome)
  await insertPresets(tx, version.versionId, outcome)
  await insertResources(tx, encryption, version.jobId, 'start', outcome.startResources)
  await insertResources(tx, encryption, version.jobId, 'stop', outcome.stopResources)
}

async function insertVariables(
  tx: Tx,
  encryption: Encryption,
  version: Version,
  variables: readonly ExtractedVariable[],
): Promise<void> {
  if (variables.length === 0) return
  await tx
    .insertInto('template_version_variables')
    .values(
      variables.map(({ name, description, type, defaultValue, required, sensitive }) =>
        encryptVariable(encryption, {
          template_version_id: version.versionId,
          name,
          description,
          type,
          value: version.variables[name] ?? defaultValue,
          default_value: defaultValue,
          required,
          sensitive,
        }),
      ),
    )
    .execute()
}

async function insertParameters(tx: Tx, versionId: string, { parameters }: ImportOutcome): Promise<void> {
  if (parameters.length === 0) return
  await tx
    .insertInto('template_version_parameters')
    .values(
      parameters.map((parameter, at) => ({
        template_version_id: versionId,
        name: parameter.name,
        display_name: parameter.displayName,
        description: parameter.description,
        type: parameter.type,
        form_type: parameter.formType as ParameterFormType,
        mutable: parameter.mutable,
        default_value: parameter.defaultValue,
        icon: parameter.icon,
        options: JSON.stringify(parameter.options),
        validation_regex: parameter.validation.regex,
        validation_error: parameter.validation.error,
        validation_min: parameter.validation.min,
        validation_max: parameter.validation.max,
        validation_monotonic: parameter.validation.monotonic,
        required: parameter.required,
        ephemeral: parameter.ephemeral,
        // The engine returns parameters in display order.
        display_order: at,
      })),
    )
    .execute()
}

async function insertPresets(tx: Tx, versionId: string, { presets }: ImportOutcome): Promise<void> {
  for (const preset of presets) {
    const id = randomUUID()
    await tx
      .insertInto('template_version_presets')
      .values({
        id,
        template_version_id: versionId,
        name: preset.name,
        description: preset.description,
        icon: preset.icon,
        is_default: preset.isDefault,
        desired_prebuild_instances: preset.desiredInstances,
      })
      .execute()
    if (preset.parameters.length === 0) continue
    await tx
      .insertInto('template_version_preset_parameters')
      .values(preset.parameters.map(({ name, value }) => ({ template_version_preset_id: id, name, value })))
      .execute()
  }
}
