// Asks for a build: checks that one may begin, settles on version and parameters, and writes the build with its job, in
// one transaction. The notification wakes a provisioner when that commits.

import { randomUUID } from 'node:crypto'
import type { BuildReason } from '../../api/builds.ts'
import type { NamedValue } from '../../api/common.ts'
import { ApiError, notFound, validationFailed } from '../../api/errors.ts'
import { type Actor, audit } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import type { Tx } from '../database/connect.ts'
import { notify } from '../database/notifications.ts'
import type { Row, WorkspaceTransition } from '../database/schema.ts'
import type { Events } from '../events.ts'
import type { Principal } from '../policy/policy.ts'
import { daemonTags } from '../provisioner/acquire-job.ts'
import { jobPosted } from '../provisioner/job-channels.ts'
import { wake } from '../schedule/dormancy.ts'
import { toAutostartRules } from '../schedule/load-rules.ts'
import { nextStart } from '../schedule/next-start.ts'
import { loadOwner } from '../templates/load-owner.ts'
import { type FormAsker, type FormContext, openForm } from '../templates/template-form.ts'
import { resolveParameters } from './resolve-parameters.ts'
import { type SettledAnswers, settleByForm } from './settle-parameters.ts'
import { isActive } from './workspace-status.ts'

export interface BuildRequest {
  readonly transition: WorkspaceTransition
  /** Without one: the template's active version where its rules say so, else that of the last build. */
  readonly templateVersionId?: string | undefined
  readonly presetId?: string | undefined
  readonly parameters: readonly NamedValue[]
  readonly reason: BuildReason
  /** Terraform state JSON to build from instead of the last one. */
  readonly state?: Buffer | undefined
  /** With `delete`: forget what exists instead of destroying it. */
  readonly orphan?: boolean
  /** The log says what the engine does step by step. */
  readonly isVerbose?: boolean
}

/** What is kept of the request in the job. */
export interface BuildInput {
  readonly workspace_build_id: string
  readonly log_level?: 'debug'
}

/** Whoever asks for a build: a signed-in user, or the owner for whom a schedule asks. */
export type Initiator = Pick<Principal, 'userId' | 'roles'>

export interface NewWorkspace {
  readonly ownerId: string
  readonly name: string
  readonly template: Row<'templates'>
  readonly ttlMs: number | null
  readonly autostartSchedule: string | null
  readonly automaticUpdates: 'always' | 'never'
  /** What else comes into being with it, before its first build is asked for. */
  readonly together?: (tx: Tx, workspaceId: string) => Promise<void>
}

interface StartContext extends FormContext {
  readonly events: Events
  readonly clock: Clock
}

/** Begins the next build of a workspace. @returns the id of the build. */
export async function startBuild(
  context: StartContext,
  initiator: Initiator,
  workspaceId: string,
  request: BuildRequest,
): Promise<string> {
  return await context.db.transaction().execute((tx) => startBuildIn(tx, context, initiator, workspaceId, request))
}

/** The same in a transaction of the caller's. */
export async function startBuildIn(
  tx: Tx,
  context: StartContext,
  initiator: Initiator,
  workspaceId: string,
  request: BuildRequest,
): Promise<string> {
  const workspace = await lockWorkspace(tx, workspaceId)
  const last = await readLastBuild(tx, workspaceId)
  if (last && isActive(last.job_status)) throw buildActive()
  if (workspace.deleted) throw isDeleted(workspace.name)
  if (workspace.dormant_at && request.transition === 'start')
    await wake(tx, context.events, workspaceId, context.clock.now())
  const template = await tx
    .selectFrom('templates')
    .selectAll()
    .where('id', '=', workspace.template_id)
    .executeTakeFirstOrThrow()
  const versionId = request.templateVersionId ?? pickVersion(workspace, template, request.transition, last)
  const version = await requireUsableVersion(tx, template.id, versionId)
  if (request.transition === 'start') {
    await requireRightToExecute(tx, initiator, workspace.owner_id, version)
    requireActive(template, version.id, initiator)
  }
  return await insertBuild(tx, context, { workspace, template, version, last, initiator, request })
}

/** Makes a workspace with its first build. @returns the id of the workspace. */
export async function createWorkspace(
  context: StartContext,
  initiator: Initiator,
  { ownerId, name, template, ttlMs, autostartSchedule, automaticUpdates, together }: NewWorkspace,
  request: Omit<BuildRequest, 'transition'>,
  actor: Actor,
): Promise<string> {
  return await context.db.transaction().execute(async (tx) => {
    if (template.deprecation_message !== '') {
      throw new ApiError(400, 'The template is deprecated and makes no new workspaces.', {
        detail: template.deprecation_message,
      })
    }
    const version = await requireUsableVersion(tx, template.id, request.templateVersionId ?? template.active_version_id)
    await requireRightToExecute(tx, initiator, ownerId, version)
    const workspace = await tx
      .insertInto('workspaces')
      .values({
        organization_id: template.organization_id,
        owner_id: ownerId,
        template_id: template.id,
        name,
        ttl_ms: ttlMs ?? (template.default_ttl_ms > 0 ? template.default_ttl_ms : null),
        autostart_schedule: autostartSchedule,
        automatic_updates: automaticUpdates,
        last_used_at: new Date(),
        next_start_at: nextStart(
          toAutostartRules({ ...template, autostart_schedule: autostartSchedule }),
          context.clock.now(),
        ),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (!workspace) throw nameTaken(name)
    await audit(tx, actor, {
      action: 'create',
      resource: 'workspace',
      id: workspace.id,
      target: name,
      organizationId: workspace.organization_id,
      after: workspace,
      status: 201,
    })
    await together?.(tx, workspace.id)
    await insertBuild(tx, context, {
      workspace,
      template,
      version,
      last: undefined,
      initiator,
      request: { ...request, transition: 'start' },
    })
    return workspace.id
  })
}

export const nameTaken = (name: string): ApiError =>
  new ApiError(409, `Workspace "${name}" already exists.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })

const buildActive = () =>
  new ApiError(409, 'A workspace build is already active.', { detail: 'Wait for it to end, or cancel it first.' })

const isDeleted = (name: string) =>
  new ApiError(409, `The workspace "${name}" is deleted.`, { detail: 'Make a new one in its place.' })

/** One build at a time is asked for; two at once take turns here. */
async function lockWorkspace(tx: Tx, id: string): Promise<Row<'workspaces'>> {
  const workspace = await tx.selectFrom('workspaces').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!workspace) throw notFound()
  return workspace
}

type LastBuild = Awaited<ReturnType<typeof readLastBuild>>

async function readLastBuild(tx: Tx, workspaceId: string) {
  return await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .where('build.workspace_id', '=', workspaceId)
    .orderBy('build.build_number', 'desc')
    .select([
      'build.id',
      'build.build_number',
      'build.template_version_id',
      'build.template_version_preset_id',
      'build.provisioner_state',
      'job.job_status',
    ])
    .limit(1)
    .executeTakeFirst()
}

/** A start follows the template where somebody decided so; a stop or a delete undoes what the last build made. */
function pickVersion(
  workspace: Row<'workspaces'>,
  template: Row<'templates'>,
  transition: WorkspaceTransition,
  last: LastBuild,
): string {
  const follows = workspace.automatic_updates === 'always' || template.require_active_version
  return last && !(transition === 'start' && follows) ? last.template_version_id : template.active_version_id
}

type Version = Awaited<ReturnType<typeof requireUsableVersion>>

async function requireUsableVersion(tx: Tx, templateId: string, versionId: string) {
  const version = await tx
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .where('version.id', '=', versionId)
    .where('version.template_id', '=', templateId)
    .select([
      'version.id',
      'version.name',
      'version.archived',
      'version.executes_here',
      'version.has_workspace_tags',
      'job.file_id',
      'job.tags',
      'job.job_status',
      'job.error',
    ])
    .executeTakeFirst()
  if (!version) {
    throw new ApiError(400, 'The template version is not one of this template.', {
      validations: [{ field: 'template_version_id', detail: 'not a version of this template' }],
    })
  }
  if (isActive(version.job_status)) {
    throw new ApiError(406, `The template version "${version.name}" is still being imported.`, {
      detail: 'Try again when that has ended.',
    })
  }
  if (version.job_status !== 'succeeded') {
    throw new ApiError(400, `The template version "${version.name}" was not imported successfully.`, {
      detail: version.error ?? 'Its import was canceled. Import it again, or pick another version.',
    })
  }
  return version
}

const keepersOfTemplates = ['owner', 'template-admin']

/** Whoever keeps templates tries other versions too. */
function requireActive(template: Row<'templates'>, versionId: string, { roles }: Initiator): void {
  if (!template.require_active_version || versionId === template.active_version_id) return
  if (roles.some((role) => keepersOfTemplates.includes(role))) return
  throw new ApiError(403, 'The template asks for its active version.', {
    detail: 'Start without a version, or with the active one.',
  })
}

/** A workspace that runs programs on this computer is the person who owns the deployment: only an owner gets one, from
 *  an owner. */
async function requireRightToExecute(tx: Tx, initiator: Initiator, ownerId: string, version: Version): Promise<void> {
  if (!version.executes_here) return
  const owner = await tx.selectFrom('users').select('rbac_roles').where('id', '=', ownerId).executeTakeFirstOrThrow()
  if (initiator.roles.includes('owner') && owner.rbac_roles.includes('owner')) return
  throw new ApiError(403, 'This template runs programs on the computer of the deployment, as its owner.', {
    detail: 'Only an owner of the deployment may use it. Ask one for a template that brings its own machine.',
  })
}

interface NewBuild {
  readonly workspace: Row<'workspaces'>
  readonly template: Row<'templates'>
  readonly version: Version
  readonly last: LastBuild
  readonly initiator: Initiator
  readonly request: BuildRequest
}

async function insertBuild(tx: Tx, context: StartContext, build: NewBuild): Promise<string> {
  const { workspace, version, last, initiator, request } = build
  const { events } = context
  const presetId = request.presetId ?? null
  const { values, tags } = await settleParameters(tx, context, build, presetId)
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
      // A build begins with what exists, so that it is never forgotten, whatever becomes of the build.
      provisioner_state: request.orphan ? null : (request.state ?? last?.provisioner_state ?? null),
    })
    .execute()
  if (values.length > 0) {
    await tx
      .insertInto('workspace_build_parameters')
      .values(values.map(({ name, value }) => ({ workspace_build_id: buildId, name, value })))
      .execute()
  }
  await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'build' })
  await notify(tx, jobPosted)
  return buildId
}

async function settleParameters(
  tx: Tx,
  context: StartContext,
  { workspace, template, version, last, initiator, request }: NewBuild,
  presetId: string | null,
): Promise<SettledAnswers> {
  const previous = last
    ? await tx
        .selectFrom('workspace_build_parameters')
        .select(['name', 'value'])
        .where('workspace_build_id', '=', last.id)
        .execute()
    : null
  // What stops or goes away needs no new values, and a version that asks for some must not be in the way.
  if (request.transition !== 'start') return { values: previous ?? [], tags: {} }
  const preset = await readPreset(tx, version.id, presetId)
  const sources = { previous, requested: request.parameters, preset }
  const isClassic = template.use_classic_parameter_flow
  const asker = isClassic && !version.has_workspace_tags ? null : await loadAsker(tx, workspace, initiator)
  const form = asker && (await openForm(context, tx, version.id))
  if (form && asker && !isClassic) return await settleByForm(form, asker, sources)
  const parameters = await readParameters(tx, version.id)
  const { values, validations } = resolveParameters({ parameters, ...sources })
  if (validations.length > 0) throw validationFailed(validations)
  const answers = Object.fromEntries(values.map(({ name, value }) => [name, value]))
  return { values, tags: form && asker ? (await form.ask(answers, asker)).tags : {} }
}

/** A form sees the owner of the workspace, whoever fills it in. */
async function loadAsker(tx: Tx, workspace: Row<'workspaces'>, initiator: Initiator): Promise<FormAsker> {
  const loaded = await loadOwner(tx, workspace.owner_id)
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
    throw new ApiError(400, 'The preset is not one of this template version.', {
      validations: [{ field: 'template_version_preset_id', detail: 'not a preset of this version' }],
    })
  }
  return await tx
    .selectFrom('template_version_preset_parameters')
    .select(['name', 'value'])
    .where('template_version_preset_id', '=', presetId)
    .execute()
}
