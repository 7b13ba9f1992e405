// Workspaces: list, read, create, rename, watch.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../api/errors.ts'
import {
  type CreateWorkspaceRequest,
  createWorkspace,
  createWorkspaceInOrganization,
  getWorkspace,
  getWorkspaceByName,
  listWorkspaces,
  updateWorkspace,
  type Workspace,
  watchWorkspace,
  watchWorkspaceSocket,
} from '../../../api/workspaces/workspaces.ts'
import { type Actor, audit, auditFailures } from '../../audit/audit.ts'
import { createWorkspace as insertWorkspace, nameTaken } from '../../builds/start-build.ts'
import type { ServerContext } from '../../context.ts'
import type { Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { sendJson } from '../../http/send-json.ts'
import { serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { type StartStream, streamOverWebSocket, streamServerSentEvents } from '../../http/watch-streams.ts'
import { optionalId, requireBodyReference } from '../../lookup/body-reference.ts'
import { requireTemplate, requireTemplateVersion } from '../../lookup/templates.ts'
import { requireOwner } from '../../lookup/users.ts'
import { requireWorkspace, requireWorkspaceByName, sensitiveValuesFor } from '../../lookup/workspaces.ts'
import { type AuthzContext, authorize, canReadAll, type Principal, requirePermission } from '../../policy/policy.ts'
import { readableIds } from '../../policy/scopes.ts'
import { checkAutostart, checkTtl } from '../../schedule/validate.ts'
import { requireSearchedGroup, requireSearchedOrganization, requireSearchedUser } from '../../search/searched-names.ts'
import { auditedWorkspace } from '../../workspaces/audited-workspace.ts'
import { createWorkspaceList } from '../../workspaces/list-workspaces.ts'
import { loadWorkspace } from '../../workspaces/load-workspaces.ts'
import { createWorkspaceWatches } from '../../workspaces/watch-workspaces.ts'
import { parseWorkspaceSearch } from '../../workspaces/workspace-search.ts'

type Caller = AuthzContext & Actor & { readonly principal: Principal }

export function registerWorkspaceRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context
  const list = createWorkspaceList(context)
  const watches = createWorkspaceWatches(context, list)

  serve(app, listWorkspaces, async (request) => {
    const { principal, query } = request
    authorize(request, 'list', { resource: 'workspace', ownerId: principal.userId })
    const viewer = {
      id: principal.userId,
      mayReadAll: canReadAll(principal, 'workspace'),
      onlyIds: readableIds(principal.limits, 'workspace'),
      groupIds: principal.groupIds,
    }
    const filter = parseWorkspaceSearch(query.q ?? '')
    await requireSearchedOrganization(db, 'workspace', filter.organization)
    await requireSearchedUser(db, principal, 'workspace', 'shared_with_user', filter.sharedWithUser)
    await requireSearchedGroup(db, 'workspace', 'shared_with_group', filter.sharedWithGroup)
    const page = { limit: query.limit ?? 0, offset: query.offset ?? 0 }
    const { ids, count } = await list.find(viewer, filter, page)
    return sendJson(request.reply, `{"workspaces":[`, await list.serialize(ids, viewer.id), `],"count":${count}}`)
  })

  serve(app, getWorkspace, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    if (workspace.deleted && !request.query.include_deleted) {
      throw new ApiError(410, `The workspace "${workspace.name}" was deleted.`, {
        detail: 'Set include_deleted=true to read it.',
      })
    }
    const sensitiveValues = sensitiveValuesFor(request, workspace)
    return await loadWorkspace(context, workspace.id, request.principal.userId, sensitiveValues)
  })

  serve(app, getWorkspaceByName, async (request) => {
    const { user, workspacename } = request.params
    const workspace = await requireWorkspaceByName(
      context,
      request,
      user,
      workspacename,
      'read',
      request.query.include_deleted,
    )
    const sensitiveValues = sensitiveValuesFor(request, workspace)
    return await loadWorkspace(context, workspace.id, request.principal.userId, sensitiveValues)
  })

  const create = async (request: Caller, user: string, body: CreateWorkspaceRequest): Promise<Workspace> => {
    const owner = await requireOwner(db, request.principal, user)
    requirePermission(request, 'create', { resource: 'workspace', ownerId: owner.id })
    const { template, versionId } = await requireTemplateSource(context, request, body)
    const id = await insertWorkspace(
      context,
      request.principal,
      {
        ownerId: owner.id,
        name: body.name,
        template,
        ttlMs: checkTtl(body.ttl_ms, template),
        autostartSchedule: checkAutostart(body.autostart_schedule, template, 'autostart_schedule'),
        automaticUpdates: body.automatic_updates || 'never',
      },
      {
        templateVersionId: versionId,
        presetId: optionalId(body.template_version_preset_id),
        parameters: body.rich_parameter_values ?? [],
        reason: 'initiator',
      },
      request,
    )
    return await loadWorkspace(context, id, request.principal.userId)
  }
  serve(app, createWorkspace, (request) => create(request, request.params.user, request.body))
  serve(app, createWorkspaceInOrganization, (request) => create(request, request.params.user, request.body))

  serve(app, updateWorkspace, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const { name } = request.body
    if (!name || name === workspace.name) return null
    if (!context.config.allowWorkspaceRenames) {
      throw new ApiError(400, 'Workspace renames are not allowed.', {
        detail: 'The operator of the deployment can allow them with CODER_ALLOW_WORKSPACE_RENAMES=true.',
      })
    }
    const entry = auditedWorkspace(workspace)
    const rename = async (tx: Tx) => {
      const other = await tx
        .selectFrom('workspaces')
        .select('id')
        .where('owner_id', '=', workspace.owner_id)
        .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
        .where('deleted', '=', false)
        .where('id', '!=', workspace.id)
        .executeTakeFirst()
      if (other) throw nameTaken(name)
      await tx.updateTable('workspaces').set({ name, updated_at: new Date() }).where('id', '=', workspace.id).execute()
      await audit(tx, request, { ...entry, before: { name: workspace.name }, after: { name }, status: 204 })
      await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(rename))
    return null
  })

  serve(app, watchWorkspace, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    return streamServerSentEvents(request.reply, streamWorkspace(workspace, request.principal))
  })

  serveUpgrade(app, watchWorkspaceSocket, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    streamOverWebSocket(await request.upgrade.webSocket(), streamWorkspace(workspace, request.principal))
  })

  const streamWorkspace =
    (workspace: Row<'workspaces'>, viewer: Principal): StartStream =>
    (send) =>
      watches.watch(workspace, viewer.userId, (text) => {
        if (text) send('data', text)
        else send('error', readError)
      })
}

const readError = JSON.stringify({
  message: 'Could not read the change.',
  detail: 'The next change will be shown.',
})

/** The template of a new workspace, and its version if one is named. */
async function requireTemplateSource(
  context: ServerContext,
  request: Caller,
  body: CreateWorkspaceRequest,
): Promise<{ template: Row<'templates'>; versionId: string | undefined }> {
  const [templateId, versionId] = [optionalId(body.template_id), optionalId(body.template_version_id)]
  if ((templateId === undefined) === (versionId === undefined)) {
    const detail = 'Set either template_id or template_version_id, not both.'
    throw new ApiError(400, 'Validation failed.', {
      validations: [
        { field: 'template_id', detail },
        { field: 'template_version_id', detail },
      ],
    })
  }
  if (templateId !== undefined)
    return {
      template: await requireBodyReference('template_id', requireTemplate(context, request, templateId, 'use')),
      versionId,
    }
  const version = await requireBodyReference(
    'template_version_id',
    requireTemplateVersion(context, request, versionId ?? '', 'use'),
  )
  if (!version.template_id) {
    throw new ApiError(400, 'The template version belongs to no template yet.', {
      detail: 'Create a template from it first.',
    })
  }
  if (version.archived) {
    throw new ApiError(400, `The template version "${version.name}" is archived.`, {
      detail: 'Unarchive it, or use another version.',
      validations: [{ field: 'template_version_id', detail: 'is archived' }],
    })
  }
  return { template: await requireTemplate(context, request, version.template_id, 'use'), versionId }
}
