// Workspace builds: create, read, follow logs, cancel.

import type { FastifyInstance } from 'fastify'
import { zeroUuid } from '../../../api/common.ts'
import { ApiError, forbidden, notFound } from '../../../api/errors.ts'
import {
  cancelBuild,
  createBuild,
  followBuildLogs,
  getBuild,
  getBuildByNumber,
  getBuildLogs,
  getBuildParameters,
  getBuildResources,
  getBuildState,
  getBuildTimings,
  getWorkspaceTimings,
  listBuilds,
  updateBuildState,
} from '../../../api/workspaces/builds.ts'
import { decryptState, encryptState, stateColumns } from '../../builds/build-state.ts'
import { cancelJob } from '../../builds/cancel-job.ts'
import { requireHostlessState } from '../../builds/host-access.ts'
import { loadBuild, loadBuilds } from '../../builds/load-builds.ts'
import { loadResources } from '../../builds/load-resources.ts'
import { loadTimings } from '../../builds/load-timings.ts'
import { startBuild } from '../../builds/start-build.ts'
import type { ServerContext } from '../../context.ts'
import { assertNotFollowing } from '../../http/method-not-allowed.ts'
import { replySent, serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { followJobLogs, readJobLogs, sendJobLogsAsText } from '../../jobs/follow-job-logs.ts'
import { optionalId } from '../../lookup/body-reference.ts'
import { requireBuild, requireWorkspace, requireWorkspaceByName, sensitiveValuesFor } from '../../lookup/workspaces.ts'
import { templateObject, workspaceObject } from '../../policy/objects.ts'
import { type AuthzContext, authorize, isRequestPermitted } from '../../policy/policy.ts'

export function registerBuildRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, config, encryption } = context

  serve(app, createBuild, async (request) => {
    const { body, principal } = request
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    // Starting a dormant workspace also activates it, which requires both permissions.
    const isActivation = workspace.dormant_at !== null && body.transition === 'start'
    const object = workspaceObject(isActivation ? { ...workspace, dormant_at: null } : workspace)
    const isAllowed =
      (!isActivation || isRequestPermitted(request, 'update', workspaceObject(workspace))) &&
      isRequestPermitted(request, body.transition, object)
    // The workspace is visible to the caller, so 403 does not reveal it.
    if (!isAllowed) throw forbidden(`You are not allowed to ${body.transition} this workspace.`)
    if (body.orphan || body.state) requireTemplateAdmin(request, body.orphan ? 'orphan' : 'state')
    if (body.orphan && body.transition !== 'delete')
      throw new ApiError(400, 'Orphan is only permitted when deleting a workspace.')
    if (body.log_level) await requireDebugPermission(request, workspace.template_id)
    const id = await startBuild(context, principal, workspace.id, {
      transition: body.transition,
      templateVersionId: optionalId(body.template_version_id),
      presetId: optionalId(body.template_version_preset_id),
      parameters: body.rich_parameter_values ?? [],
      reason: body.reason || 'initiator',
      state: body.state ? Buffer.from(body.state, 'base64') : undefined,
      orphan: body.orphan ?? false,
      isVerbose: body.log_level === 'debug',
    })
    return await loadBuild(context, id)
  })

  /** Debug logs reveal how a template is evaluated: requires permission to update it, and the setting of the deployment. */
  async function requireDebugPermission(request: Parameters<typeof authorize>[0], templateId: string): Promise<void> {
    const template = await db.selectFrom('templates').selectAll().where('id', '=', templateId).executeTakeFirstOrThrow()
    if (!isRequestPermitted(request, 'update', templateObject(template))) {
      throw forbidden('Building with "log_level" requires permission to update the template.')
    }
    if (config.enableTerraformDebugMode) return
    throw new ApiError(400, 'Debug logs of builds are disabled in this deployment.', {
      detail: 'Omit "log_level", or start the server with CODER_ENABLE_TERRAFORM_DEBUG_MODE=true.',
      validations: [{ field: 'log_level', detail: 'disabled' }],
    })
  }

  serve(app, listBuilds, async (request) => {
    const { limit = 0, offset = 0, after_id: afterId, since } = request.query
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    const builds = await db
      .selectFrom('workspace_builds')
      .select('id')
      .where('workspace_id', '=', workspace.id)
      .$if(since !== undefined, (query) => query.where('created_at', '>=', new Date(since ?? 0)))
      .$if(afterId !== undefined, (query) =>
        query.where('build_number', '<', (eb) =>
          eb
            .selectFrom('workspace_builds')
            .select('build_number')
            .where('id', '=', afterId ?? zeroUuid),
        ),
      )
      .orderBy('build_number', 'desc')
      .$if(limit > 0, (query) => query.limit(limit))
      .offset(offset)
      .execute()
    return await loadBuilds(
      context,
      builds.map(({ id }) => id),
    )
  })

  serve(app, getBuild, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    return await loadBuild(context, build.id, sensitiveValuesOf(request, build))
  })

  serve(app, getBuildByNumber, async (request) => {
    const { user, workspacename, buildnumber } = request.params
    const workspace = await requireWorkspaceByName(context, request, user, workspacename, 'read')
    const build = await db
      .selectFrom('workspace_builds')
      .select('id')
      .where('workspace_id', '=', workspace.id)
      .where('build_number', '=', buildnumber)
      .executeTakeFirst()
    if (!build) throw notFound()
    return await loadBuild(context, build.id, sensitiveValuesFor(request, workspace))
  })

  serve(app, cancelBuild, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'update')
    const template = await db
      .selectFrom('template_versions as version')
      .innerJoin('templates as template', 'template.id', 'version.template_id')
      .select('template.allow_user_cancel_workspace_jobs')
      .where('version.id', '=', build.template_version_id)
      .executeTakeFirst()
    if (template && !template.allow_user_cancel_workspace_jobs && !request.principal.roles.includes('owner')) {
      throw forbidden('The template does not allow its users to cancel builds. Ask an owner of the deployment.')
    }
    await cancelJob(context, build.job_id, request.query.expect_status)
    return { message: 'Job has been marked as canceled...' }
  })

  serve(app, getBuildLogs, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    assertNotFollowing(request)
    const lines = await readJobLogs(db, build.job_id, request.query)
    if (request.query.format !== 'text') return lines
    sendJobLogsAsText(request.reply, lines)
    return replySent
  })

  serveUpgrade(app, followBuildLogs, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    await followJobLogs(context, build.job_id, request.query, await request.upgrade.webSocket())
  })

  serve(app, getBuildParameters, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    return await db
      .selectFrom('workspace_build_parameters')
      .select(['name', 'value'])
      .where('workspace_build_id', '=', build.id)
      .orderBy('name')
      .execute()
  })

  serve(app, getBuildResources, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    const job = await db
      .selectFrom('provisioner_jobs')
      .select('completed_at')
      .where('id', '=', build.job_id)
      .executeTakeFirstOrThrow()
    if (job.completed_at === null)
      throw new ApiError(400, "Job hasn't completed!", { detail: 'Its resources are available once it finishes.' })
    const resources = await loadResources(context, [build.job_id], sensitiveValuesOf(request, build))
    return resources.get(build.job_id) ?? []
  })

  serve(app, getBuildState, async (request) => {
    authorize(request, 'update', { resource: 'template' })
    const build = await db
      .selectFrom('workspace_builds')
      .select(['workspace_id', ...stateColumns])
      .where('id', '=', request.params.workspacebuild)
      .executeTakeFirst()
    if (!build) throw notFound()
    request.reply
      .type('application/json; charset=utf-8')
      .send(decryptState(encryption, build.workspace_id, build) ?? '')
    return replySent
  })

  serve(app, updateBuildState, async (request) => {
    authorize(request, 'update', { resource: 'template' })
    const state = Buffer.from(request.body.state, 'base64')
    requireHostlessState(request.principal, state)
    const build = await db
      .selectFrom('workspace_builds')
      .select(['id', 'workspace_id'])
      .where('id', '=', request.params.workspacebuild)
      .executeTakeFirst()
    if (!build) throw notFound()
    await db
      .updateTable('workspace_builds')
      .set({ ...encryptState(encryption, build.workspace_id, state), updated_at: new Date() })
      .where('id', '=', build.id)
      .execute()
    return null
  })

  serve(app, getWorkspaceTimings, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    const build = await db
      .selectFrom('workspace_builds')
      .select('job_id')
      .where('id', '=', workspace.latest_build_id)
      .executeTakeFirst()
    if (!build) throw notFound()
    return await loadTimings(db, build.job_id)
  })

  serve(app, getBuildTimings, async (request) => {
    const build = await requireBuild(context, request, request.params.workspacebuild, 'read')
    return await loadTimings(db, build.job_id)
  })
}

const sensitiveValuesOf = (request: AuthzContext, build: Awaited<ReturnType<typeof requireBuild>>) =>
  sensitiveValuesFor(request, { ...build, id: build.workspace_id })

/** State and orphaning bypass the template: both require permission to update templates. */
function requireTemplateAdmin(request: Parameters<typeof authorize>[0], field: 'orphan' | 'state'): void {
  if (isRequestPermitted(request, 'update', { resource: 'template' })) return
  throw forbidden(`Building with "${field}" requires permission to update templates.`)
}
