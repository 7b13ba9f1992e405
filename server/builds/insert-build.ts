// Inserts a build and its job in the caller's transaction, after the parameter values are resolved. On commit, the
// notification wakes a provisioner.

import { randomUUID } from 'node:crypto'
import type { NamedValue } from '../../api/common.ts'
import { ApiError, validationFailed } from '../../api/errors.ts'
import type { BuildReason, WorkspaceTransition } from '../../api/workspaces/builds.ts'
import { notifyChannel } from '../database/channels.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Events } from '../events.ts'
import { daemonTags } from '../jobs/acquire-job.ts'
import { jobPosted } from '../jobs/job-channels.ts'
import { loadOwner } from '../templates/load-owner.ts'
import { type FormContext, type FormOwner, openForm } from '../templates/template-form.ts'
import { encryptState, type StoredState } from './build-state.ts'
import { type ResolvedFormParameters, resolveFormParameters } from './resolve-form-parameters.ts'
import { resolveParameters } from './resolve-parameters.ts'
import type { Initiator, UsableVersion } from './usable-version.ts'

export interface BuildRequest {
  readonly transition: WorkspaceTransition
  /** Default: the active version if the template's policy requires it, else the version of the last build. */
  readonly templateVersionId?: string | undefined
  readonly presetId?: string | undefined
  readonly parameters: readonly NamedValue[]
  readonly reason: BuildReason
  /** Terraform state JSON that replaces the state of the last build. */
  readonly state?: Buffer | undefined
  /** With `delete`: drops the state without destroying the resources. */
  readonly orphan?: boolean
  /** Enables debug output of the engine in the build log. */
  readonly isVerbose?: boolean
}

/** Input of the job, stored with it. */
export interface BuildInput {
  readonly workspace_build_id: string
  readonly log_level?: 'debug'
}

interface BuildContext extends FormContext {
  readonly events: Events
}

/** Columns of the last build that the next build depends on. */
type LastBuild = Pick<Row<'workspace_builds'>, 'id' | 'build_number' | 'template_version_preset_id'> & StoredState

export interface NewBuild {
  readonly workspace: Row<'workspaces'>
  readonly template: Row<'templates'>
  readonly version: UsableVersion
  readonly last: LastBuild | undefined
  readonly initiator: Initiator
  readonly request: BuildRequest
}

export async function insertBuild(tx: Tx, context: BuildContext, build: NewBuild): Promise<string> {
  const { workspace, version, last, initiator, request } = build
  const { events } = context
  const presetId = request.presetId ?? null
  const { values, tags } = await resolveBuildParameters(tx, context, build, presetId)
  const [buildId, jobId] = [randomUUID(), randomUUID()]
  await tx
    .insertInto('provisioner_jobs')
    .values({
      id: jobId,
      organization_id: workspace.organization_id,
      initiator_id: initiator.userId,
      type: 'workspace_build',
      file_id: version.file_id,
      input: JSON.stringify({
        workspace_build_id: buildId,
        ...(request.isVerbose && { log_level: 'debug' }),
      } satisfies BuildInput),
      tags: JSON.stringify({ ...daemonTags, ...version.tags, ...tags }),
    })
    .execute()
  await tx
    .insertInto('workspace_builds')
    .values({
      id: buildId,
      workspace_id: workspace.id,
      template_version_id: version.id,
      template_version_preset_id: presetId ?? last?.template_version_preset_id ?? null,
      build_number: (last?.build_number ?? 0) + 1,
      transition: request.transition,
      reason: request.reason,
      initiator_id: initiator.userId,
      job_id: jobId,
      ...firstState(context, build),
    })
    .execute()
  if (values.length > 0) {
    await tx
      .insertInto('workspace_build_parameters')
      .values(values.map(({ name, value }) => ({ workspace_build_id: buildId, name, value })))
      .execute()
  }
  await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'build' })
  await notifyChannel(tx, jobPosted)
  return buildId
}

/** A build starts from the last state, so that no resource is lost if it fails. */
function firstState({ encryption }: BuildContext, { workspace, last, request }: NewBuild): StoredState {
  if (request.orphan || request.state || !last) {
    return encryptState(encryption, workspace.id, request.orphan ? null : (request.state ?? null))
  }
  const { provisioner_state, provisioner_state_key_id } = last
  return { provisioner_state, provisioner_state_key_id }
}

async function resolveBuildParameters(
  tx: Tx,
  context: BuildContext,
  { workspace, template, version, last, initiator, request }: NewBuild,
  presetId: string | null,
): Promise<ResolvedFormParameters> {
  const previous = last
    ? await tx
        .selectFrom('workspace_build_parameters')
        .select(['name', 'value'])
        .where('workspace_build_id', '=', last.id)
        .execute()
    : null
  // Stop and delete builds reuse the previous values: missing values must not block them.
  if (request.transition !== 'start') return { values: previous ?? [], tags: {} }
  const preset = await readPreset(tx, version.id, presetId)
  const sources = { previous, requested: request.parameters, preset }
  const isClassic = template.use_classic_parameter_flow
  const formOwner =
    isClassic && !version.has_workspace_tags ? null : await loadFormOwner(tx, context, workspace, initiator)
  const form = formOwner && (await openForm(context, tx, version.id))
  if (form && formOwner && !isClassic) return await resolveFormParameters(form, formOwner, sources)
  const parameters = await readParameters(tx, version.id)
  const { values, validations } = resolveParameters({ parameters, ...sources })
  if (validations.length > 0) throw validationFailed(validations)
  const byName = Object.fromEntries(values.map(({ name, value }) => [name, value]))
  return { values, tags: form && formOwner ? (await form.evaluate(byName, formOwner)).tags : {} }
}

/** Forms are evaluated for the workspace owner, also if another user submits them. */
async function loadFormOwner(
  tx: Tx,
  { encryption }: BuildContext,
  workspace: Row<'workspaces'>,
  initiator: Initiator,
): Promise<FormOwner> {
  const loaded = await loadOwner(tx, encryption, workspace.owner_id)
  const ownsDeployment = loaded.ownsDeployment && initiator.roles.includes('owner')
  return { ...loaded, ownsDeployment, workspace: { id: workspace.id, name: workspace.name } }
}

async function readParameters(tx: Tx, versionId: string) {
  return await tx
    .selectFrom('template_version_parameters')
    .selectAll()
    .where('template_version_id', '=', versionId)
    .orderBy('display_order')
    .execute()
}

async function readPreset(tx: Tx, versionId: string, presetId: string | null): Promise<NamedValue[]> {
  if (presetId === null) return []
  const preset = await tx
    .selectFrom('template_version_presets')
    .select('id')
    .where('id', '=', presetId)
    .where('template_version_id', '=', versionId)
    .executeTakeFirst()
  if (!preset) {
    throw new ApiError(400, 'The preset does not belong to this template version.', {
      validations: [{ field: 'template_version_preset_id', detail: 'not a preset of this version' }],
    })
  }
  return await tx
    .selectFrom('template_version_preset_parameters')
    .select(['name', 'value'])
    .where('template_version_preset_id', '=', presetId)
    .execute()
}
