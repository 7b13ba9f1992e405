// Template versions: import, read results, follow logs, cancel.

import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  archiveTemplateVersion,
  type CreateTemplateVersionRequest,
  cancelTemplateVersion,
  createTemplateVersion,
  followTemplateVersionLogs,
  getLegacyParameters,
  getLegacySchema,
  getRichParameters,
  getTemplateVersion,
  getTemplateVersionExternalAuth,
  getTemplateVersionLogs,
  getTemplateVersionPresets,
  getTemplateVersionResources,
  getTemplateVersionVariables,
  type PatchTemplateVersionRequest,
  type TemplateVersionParameter,
  unarchiveTemplateVersion,
  updateTemplateVersion,
} from '../../../api/templates/template-versions.ts'
import { type Actor, audit, auditFailures } from '../../audit/audit.ts'
import { cancelJob } from '../../builds/cancel-job.ts'
import { loadResources } from '../../builds/load-resources.ts'
import type { ServerContext } from '../../context.ts'
import type { Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { assertNotFollowing } from '../../http/method-not-allowed.ts'
import { replySent, serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { followJobLogs, readJobLogs, sendJobLogsAsText } from '../../jobs/follow-job-logs.ts'
import { optionalId } from '../../lookup/body-reference.ts'
import { requireTemplate, requireTemplateVersion } from '../../lookup/templates.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { type AuthzContext, authorize, type Principal, requirePermission } from '../../policy/policy.ts'
import { archiveVersion, unarchiveVersion } from '../../templates/archive-versions.ts'
import { readImportTags } from '../../templates/import-tags.ts'
import { requireCompletedImport, requireCompletedJob } from '../../templates/require-completed-import.ts'
import { insertVersion, jobTags, uniqueVersionName, versionNameTaken } from '../../templates/start-import.ts'
import { packStarterById, storeFile } from '../../templates/starter-templates.ts'
import { loadVersion } from '../../templates/to-template.ts'

export function registerTemplateVersionRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  serve(app, createTemplateVersion, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const { body, principal } = request
    const templateId = optionalId(body.template_id) ?? null
    if (templateId === null) requireCreatePermission(request, organization.id)
    else await requireTemplate(context, request, templateId, 'update')
    const fileId = await requireArchive(context, request, body)
    const templateTags = await readImportTags(context, fileId, principal.userId, body.user_variable_values ?? [])
    const id = await db.transaction().execute(async (tx) => {
      const versionId = await insertVersion(tx, {
        organizationId: organization.id,
        templateId,
        createdBy: principal.userId,
        name: body.name || (await uniqueVersionName(tx, templateId)),
        message: body.message ?? '',
        fileId,
        exampleId: body.example_id || null,
        tags: jobTags({ ...templateTags, ...body.tags }, principal.userId),
        input: { user_variable_values: body.user_variable_values ?? [] },
      })
      const after = await tx
        .selectFrom('template_versions')
        .selectAll()
        .where('id', '=', versionId)
        .executeTakeFirstOrThrow()
      await audit(tx, request, {
        action: 'create',
        resource: 'template_version',
        id: versionId,
        target: after.name,
        organizationId: organization.id,
        after,
        status: 201,
      })
      return versionId
    })
    return await loadVersion(db, id)
  })

  serve(app, getTemplateVersion, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    return await loadVersion(db, version.id)
  })

  serve(app, updateTemplateVersion, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'update')
    const entry = { ...auditedVersion(version), action: 'write' } as const
    const change = async (tx: Tx) => {
      const after = await changeVersion(tx, version, request.body)
      await audit(tx, request, { ...entry, before: version, after })
      if (version.template_id) await events.publish(tx, { type: 'template', template_id: version.template_id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(change))
    return await loadVersion(db, version.id)
  })

  serve(app, archiveTemplateVersion, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'update')
    await setArchived(request, version, true)
    return { message: 'Template version archived.' }
  })

  serve(app, unarchiveTemplateVersion, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'update')
    await setArchived(request, version, false)
    return { message: 'Template version unarchived.' }
  })

  async function setArchived(request: AuthzContext & Actor, version: Row<'template_versions'>, isArchived: boolean) {
    const entry = { ...auditedVersion(version), action: 'write' } as const
    const change = async (tx: Tx) => {
      if (isArchived) await archiveVersion(tx, version)
      else await unarchiveVersion(tx, version)
      await audit(tx, request, { ...entry, before: version, after: { ...version, archived: isArchived } })
      if (version.template_id) await events.publish(tx, { type: 'template', template_id: version.template_id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(change))
  }

  serve(app, getLegacySchema, async (request) => {
    await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    return []
  })

  serve(app, getLegacyParameters, async (request) => {
    await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    return []
  })

  serve(app, cancelTemplateVersion, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'update')
    await cancelJob(context, version.job_id)
    return { message: 'Job has been marked as canceled...' }
  })

  serve(app, getTemplateVersionLogs, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    assertNotFollowing(request)
    const lines = await readJobLogs(db, version.job_id, request.query)
    if (request.query.format !== 'text') return lines
    sendJobLogsAsText(request.reply, lines)
    return replySent
  })

  serveUpgrade(app, followTemplateVersionLogs, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await followJobLogs(context, version.job_id, request.query, await request.upgrade.webSocket())
  })

  serve(app, getTemplateVersionResources, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await requireCompletedJob(db, version.job_id)
    const resources = await loadResources(context, [version.job_id])
    return resources.get(version.job_id) ?? []
  })

  serve(app, getRichParameters, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await requireCompletedImport(db, version)
    const parameters = await db
      .selectFrom('template_version_parameters')
      .selectAll()
      .where('template_version_id', '=', version.id)
      .orderBy('display_order')
      .orderBy('name')
      .execute()
    return parameters.map(toParameter)
  })

  serve(app, getTemplateVersionVariables, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    await requireCompletedImport(db, version)
    const variables = await db
      .selectFrom('template_version_variables')
      .select(['name', 'description', 'type', 'value', 'default_value', 'required', 'sensitive'])
      .where('template_version_id', '=', version.id)
      .orderBy('name')
      .execute()
    return variables.map(({ type, ...variable }) => ({
      ...variable,
      type: type === 'number' || type === 'bool' ? type : 'string',
      ...(variable.sensitive && { value: '', default_value: '' }),
    }))
  })

  serve(app, getTemplateVersionPresets, async (request) => {
    const version = await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    const [presets, parameters] = await Promise.all([
      db
        .selectFrom('template_version_presets')
        .selectAll()
        .where('template_version_id', '=', version.id)
        .orderBy('name')
        .execute(),
      db
        .selectFrom('template_version_preset_parameters as parameter')
        .innerJoin('template_version_presets as preset', 'preset.id', 'parameter.template_version_preset_id')
        .where('preset.template_version_id', '=', version.id)
        .orderBy('parameter.name')
        .select(['preset.id', 'parameter.name', 'parameter.value'])
        .execute(),
    ])
    if (presets.length === 0) return null
    return presets.map((preset) => ({
      ID: preset.id,
      Name: preset.name,
      Parameters: parameters
        .filter(({ id }) => id === preset.id)
        .map(({ name, value }) => ({ Name: name, Value: value })),
      Default: preset.is_default,
      DesiredPrebuildInstances: preset.desired_prebuild_instances ?? 0,
      Description: preset.description,
      Icon: preset.icon,
    }))
  })

  serve(app, getTemplateVersionExternalAuth, async (request) => {
    await requireTemplateVersion(context, request, request.params.templateversion, 'read')
    // External accounts are not supported, so no version requires one.
    return []
  })
}

const auditedVersion = (version: Row<'template_versions'>) =>
  ({
    resource: 'template_version',
    id: version.id,
    target: version.name,
    organizationId: version.organization_id,
  }) as const

/** @throws ApiError 409 when another version of the template has this name. */
async function changeVersion(
  tx: Tx,
  version: Row<'template_versions'>,
  { name, message }: PatchTemplateVersionRequest,
): Promise<Row<'template_versions'>> {
  const newName = name || version.name
  const other = await tx
    .selectFrom('template_versions')
    .select('id')
    .where('template_id', '=', version.template_id)
    .where('name', '=', newName)
    .where('id', '!=', version.id)
    .executeTakeFirst()
  if (other) throw versionNameTaken(newName)
  return await tx
    .updateTable('template_versions')
    .set({ name: newName, message: message ?? version.message, updated_at: new Date() })
    .where('id', '=', version.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** @throws ApiError 403 instead of 404, because no existing object could be revealed */
function requireCreatePermission(request: AuthzContext, organizationId: string): void {
  requirePermission(request, 'create', { resource: 'template', organizationId })
}

/** The archive to import: an uploaded file, or a starter template that is packed now. @returns the file's ID */
async function requireArchive(
  { db }: ServerContext,
  request: AuthzContext & { readonly principal: Principal },
  body: CreateTemplateVersionRequest,
): Promise<string> {
  const fileId = optionalId(body.file_id)
  const exampleId = body.example_id || undefined
  if ((fileId === undefined) === (exampleId === undefined)) {
    const detail = 'Set either file_id or example_id.'
    throw new ApiError(400, 'Validation failed.', {
      validations: [
        { field: 'file_id', detail },
        { field: 'example_id', detail },
      ],
    })
  }
  if (exampleId !== undefined) {
    const archive = await packStarterById(exampleId)
    if (!archive)
      throw new ApiError(400, `No starter template has the ID "${exampleId}".`, {
        detail: 'GET /api/v2/templates/examples lists them.',
      })
    return await storeFile(db, archive, createHash('sha256').update(archive).digest('hex'), request.principal.userId)
  }
  const file = await db
    .selectFrom('files')
    .select(['id', 'created_by'])
    .where('id', '=', fileId ?? '')
    .executeTakeFirst()
  authorize(request, 'read', { resource: 'file', ...(file ? { ownerId: file.created_by } : {}) })
  if (!file) throw notFound()
  return file.id
}

function toParameter(row: Row<'template_version_parameters'>): TemplateVersionParameter {
  return {
    name: row.name,
    ...(row.display_name && { display_name: row.display_name }),
    description: row.description,
    description_plaintext: toPlainText(row.description),
    type: row.type,
    form_type: row.form_type,
    mutable: row.mutable,
    default_value: row.default_value,
    icon: row.icon,
    options: row.options,
    ...(row.validation_error && { validation_error: row.validation_error }),
    ...(row.validation_regex && { validation_regex: row.validation_regex }),
    ...(row.validation_min !== null && { validation_min: row.validation_min }),
    ...(row.validation_max !== null && { validation_max: row.validation_max }),
    ...(row.validation_monotonic && { validation_monotonic: row.validation_monotonic }),
    required: row.required,
    ephemeral: row.ephemeral,
  }
}

/** Strips Markdown syntax, for single-line display. */
function toPlainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`#>]+/g, '')
    .trim()
}
