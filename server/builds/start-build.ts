// Creates a build of an existing or new workspace: checks the preconditions and selects the version, in one
// transaction with the inserts of insert-build.ts.

import { ApiError, notFound } from '../../api/errors.ts'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import { type Actor, audit } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Events } from '../events.ts'
import { isActive } from '../jobs/job-status.ts'
import { activateWorkspace } from '../schedule/dormancy.ts'
import { toAutostartRules } from '../schedule/load-rules.ts'
import { nextStart } from '../schedule/next-start.ts'
import type { FormContext } from '../templates/template-form.ts'
import { requireHostAccess, requireHostlessState, requireUnshared } from './host-access.ts'
import { type BuildRequest, insertBuild } from './insert-build.ts'
import { type Initiator, requireActiveVersion, requireUsableVersion } from './usable-version.ts'

export interface NewWorkspace {
  readonly ownerId: string
  readonly name: string
  readonly template: Row<'templates'>
  readonly ttlMs: number | null
  readonly autostartSchedule: string | null
  readonly automaticUpdates: 'always' | 'never'
  /** Inserts related rows before the first build is created. */
  readonly afterInsert?: (tx: Tx, workspaceId: string) => Promise<void>
}

interface StartContext extends FormContext {
  readonly events: Events
  readonly clock: Clock
}

/** Creates the next build of a workspace. @returns the build ID */
export async function startBuild(
  context: StartContext,
  initiator: Initiator,
  workspaceId: string,
  request: BuildRequest,
): Promise<string> {
  return await context.db
    .transaction()
    .execute((tx) => startBuildInTransaction(tx, context, initiator, workspaceId, request))
}

/** Like `startBuild`, in the caller's transaction. */
export async function startBuildInTransaction(
  tx: Tx,
  context: StartContext,
  initiator: Initiator,
  workspaceId: string,
  request: BuildRequest,
): Promise<string> {
  const workspace = await lockWorkspace(tx, workspaceId)
  const last = await readLastBuild(tx, workspaceId)
  if (last && isActive(last.job_status)) throw buildIsActive()
  if (workspace.deleted) throw workspaceIsDeleted(workspace.name)
  if (workspace.dormant_at && request.transition === 'start')
    await activateWorkspace(tx, context.events, workspaceId, context.clock.now())
  const template = await tx
    .selectFrom('templates')
    .selectAll()
    .where('id', '=', workspace.template_id)
    .executeTakeFirstOrThrow()
  const versionId = request.templateVersionId ?? pickVersion(workspace, template, request.transition, last)
  const version = await requireUsableVersion(tx, template.id, versionId)
  if (request.transition === 'start') {
    await requireHostAccess(tx, initiator, workspace.owner_id, version)
    requireActiveVersion(template, version.id, initiator)
    if (last) requireUnshared(workspace, last, version)
  }
  // The version of the last build has passed this check, and only destroys what was started.
  else if (version.id !== last?.template_version_id) await requireHostAccess(tx, initiator, workspace.owner_id, version)
  if (request.state) requireHostlessState(initiator, request.state)
  return await insertBuild(tx, context, { workspace, template, version, last, initiator, request })
}

/** Creates a workspace and its first build. @returns the workspace ID */
export async function createWorkspace(
  context: StartContext,
  initiator: Initiator,
  { ownerId, name, template, ttlMs, autostartSchedule, automaticUpdates, afterInsert }: NewWorkspace,
  request: Omit<BuildRequest, 'transition'>,
  actor: Actor,
): Promise<string> {
  return await context.db.transaction().execute(async (tx) => {
    if (template.deprecation_message !== '') {
      throw new ApiError(400, 'The template is deprecated and cannot be used for new workspaces.', {
        detail: template.deprecation_message,
      })
    }
    const version = await requireUsableVersion(tx, template.id, request.templateVersionId ?? template.active_version_id)
    await requireHostAccess(tx, initiator, ownerId, version)
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
    await afterInsert?.(tx, workspace.id)
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

const buildIsActive = () =>
  new ApiError(409, 'A workspace build is already active.', { detail: 'Wait until it is completed, or cancel it.' })

const workspaceIsDeleted = (name: string) =>
  new ApiError(409, `Workspace "${name}" is deleted.`, { detail: 'Create a new workspace.' })

/** Locks the workspace row: concurrent build requests are serialized. */
async function lockWorkspace(tx: Tx, id: string): Promise<Row<'workspaces'>> {
  const workspace = await tx.selectFrom('workspaces').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!workspace) throw notFound()
  return workspace
}

async function readLastBuild(tx: Tx, workspaceId: string) {
  return await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .where('build.workspace_id', '=', workspaceId)
    .orderBy('build.build_number', 'desc')
    .select([
      'build.id',
      'build.build_number',
      'build.template_version_id',
      'build.template_version_preset_id',
      'build.provisioner_state',
      'build.provisioner_state_key_id',
      'version.executes_here',
      'job.job_status',
    ])
    .limit(1)
    .executeTakeFirst()
}

/** Default version: the active one for first builds and for starts that follow the template, else the last build's. */
function pickVersion(
  workspace: Row<'workspaces'>,
  template: Row<'templates'>,
  transition: WorkspaceTransition,
  last: Awaited<ReturnType<typeof readLastBuild>>,
): string {
  const followsTemplate = workspace.automatic_updates === 'always' || template.require_active_version
  return last && !(transition === 'start' && followsTemplate) ? last.template_version_id : template.active_version_id
}
