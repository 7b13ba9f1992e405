// Templates: the list, one, making, changing and deleting one, its versions, and which of them is active.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { ApiError, invalidQuery, notFound } from '../../api/errors.ts'
import {
  type CreateTemplateRequest,
  createTemplate,
  deleteTemplate,
  getTemplate,
  getTemplateByName,
  getTemplateVersionByName,
  listTemplateExamples,
  listTemplates,
  listTemplatesOfOrganization,
  listTemplateVersions,
  promoteTemplateVersion,
  type UpdateTemplateRequest,
  updateTemplate,
} from '../../api/templates.ts'
import { audit, auditFailures } from '../audit.ts'
import { parseSearch } from '../builds/parse-search.ts'
import { listStarters } from '../builds/starter-templates.ts'
import { loadTemplate, loadTemplates, loadVersion, loadVersions } from '../builds/to-template.ts'
import { isActive } from '../builds/workspace-status.ts'
import type { ServerContext } from '../context.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Row, RowChange } from '../database/schema.ts'
import { keepReadable, requireOrganization, requireTemplate } from '../load.ts'
import { authorize, type Principal } from '../policy.ts'
import { serve } from '../serve.ts'
import { everybodyMayUse, templateSubject, unknownSubject } from '../subjects.ts'

export function registerTemplateRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context
  const loadReadable = async ({ principal }: { readonly principal: Principal }, ids: readonly string[]) =>
    loadTemplates(db, await keepReadable(db, principal, ids))

  serve(app, listTemplates, async (request) => {
    authorize(request, 'list', { resource: 'template' })
    return await loadReadable(request, await findTemplates(db, request.query.q ?? ''))
  })

  serve(app, listTemplatesOfOrganization, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', { resource: 'template' })
    return await loadReadable(request, await findTemplates(db, request.query.q ?? '', organization.id))
  })

  serve(app, listTemplateExamples, async (request) => {
    authorize(request, 'list', { resource: 'template' })
    return await listStarters()
  })

  serve(app, createTemplate, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', { resource: 'template' })
    const { body, principal } = request
    const id = await db.transaction().execute(async (tx) => {
      const version = await requireImported(tx, body.template_version_id)
      if (version.template_id) {
        throw new ApiError(400, 'The template version already belongs to a template.', {
          validations: [{ field: 'template_version_id', detail: 'belongs to another template' }],
        })
      }
      const template = await tx
        .insertInto('templates')
        .values({
          organization_id: organization.id,
          ...(body.disable_everyone_group_access ? {} : { group_acl: everybodyMayUse(organization.id) }),
          name: body.name,
          active_version_id: version.id,
          created_by: principal.userId,
          ...settingsOf(body),
          ...(body.dormant_ttl_ms != null && { time_til_dormant_ms: body.dormant_ttl_ms }),
          ...(body.delete_ttl_ms != null && { time_til_dormant_autodelete_ms: body.delete_ttl_ms }),
          ...(body.template_use_classic_parameter_flow != null && {
            use_classic_parameter_flow: body.template_use_classic_parameter_flow,
          }),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst()
      if (!template) throw nameTaken(body.name)
      await audit(tx, request, {
        ...auditedTemplate(template),
        action: 'create',
        after: template,
        status: 201,
      })
      await tx.updateTable('template_versions').set({ template_id: template.id }).where('id', '=', version.id).execute()
      await events.publish(tx, { type: 'template', template_id: template.id })
      return template.id
    })
    return await loadTemplate(db, id)
  })

  serve(app, getTemplateByName, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const found = await db
      .selectFrom('templates')
      .selectAll()
      .where('organization_id', '=', organization.id)
      .where((eb) => eb(eb.fn('lower', ['name']), '=', request.params.templatename.toLowerCase()))
      .where('deleted', '=', false)
      .executeTakeFirst()
    authorize(request, 'read', found ? templateSubject(found) : unknownSubject('template'))
    if (!found) throw notFound()
    return await loadTemplate(db, found.id)
  })

  serve(app, getTemplate, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'read')
    return await loadTemplate(db, template.id)
  })

  serve(app, updateTemplate, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const { body } = request
    const entry = { ...auditedTemplate(template), action: 'write' } as const
    const change = async (tx: Tx) => {
      if (body.name && (await isNameTaken(tx, template.organization_id, body.name, template.id)))
        throw nameTaken(body.name)
      const after = await tx
        .updateTable('templates')
        .set({ ...changesOf(body), updated_at: new Date() })
        .where('id', '=', template.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, { ...entry, before: template, after })
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(change))
    return await loadTemplate(db, template.id)
  })

  serve(app, deleteTemplate, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'delete')
    const entry = { ...auditedTemplate(template), action: 'delete' } as const
    const remove = async (tx: Tx) => {
      const { count } = await tx
        .selectFrom('workspaces')
        .where('template_id', '=', template.id)
        .where('deleted', '=', false)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      if (count > 0) {
        throw new ApiError(400, 'All workspaces must be deleted before a template can be removed.', {
          detail: `${count} ${count === 1 ? 'workspace is' : 'workspaces are'} made from it.`,
        })
      }
      await tx
        .updateTable('templates')
        .set({ deleted: true, updated_at: new Date() })
        .where('id', '=', template.id)
        .execute()
      await audit(tx, request, { ...entry, before: template })
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(remove))
    return { message: 'Template has been deleted!' }
  })

  serve(app, listTemplateVersions, async (request) => {
    const { limit = 0, offset = 0, after_id: afterId, include_archived: includeArchived } = request.query
    const template = await requireTemplate(context, request, request.params.template, 'read')
    const versions = await db
      .selectFrom('template_versions')
      .select('id')
      .where('template_id', '=', template.id)
      .$if(includeArchived !== true, (query) => query.where('archived', '=', false))
      .$if(afterId !== undefined, (query) =>
        query.where((eb) =>
          eb(
            eb.refTuple('created_at', 'id'),
            '<',
            eb
              .selectFrom('template_versions')
              .select(['created_at', 'id'])
              .where('id', '=', afterId ?? '')
              .$asTuple('created_at', 'id'),
          ),
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .$if(limit > 0, (query) => query.limit(limit))
      .offset(offset)
      .execute()
    return await loadVersions(
      db,
      versions.map(({ id }) => id),
    )
  })

  serve(app, getTemplateVersionByName, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'read')
    const version = await db
      .selectFrom('template_versions')
      .select('id')
      .where('template_id', '=', template.id)
      .where('name', '=', request.params.templateversionname)
      .executeTakeFirst()
    if (!version) throw notFound()
    return await loadVersion(db, version.id)
  })

  serve(app, promoteTemplateVersion, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const entry = { ...auditedTemplate(template), action: 'write' } as const
    const promote = async (tx: Tx) => {
      const version = await requireImported(tx, request.body.id)
      if (version.template_id !== template.id) {
        throw new ApiError(400, "The provided template version doesn't belong to the specified template.")
      }
      if (version.archived)
        throw new ApiError(400, 'The provided template version is archived.', { detail: 'Unarchive it first.' })
      const after = await tx
        .updateTable('templates')
        .set({ active_version_id: version.id, updated_at: new Date() })
        .where('id', '=', template.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, { ...entry, before: template, after })
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(promote))
    return { message: 'Updated the active template version!' }
  })
}

/** What every entry about a template has in common. */
const auditedTemplate = (template: Row<'templates'>) =>
  ({
    resource: 'template',
    id: template.id,
    target: template.name,
    organizationId: template.organization_id,
    icon: template.icon,
  }) as const

const nameTaken = (name: string) =>
  new ApiError(409, `Template with name "${name}" already exists.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })

async function isNameTaken(tx: Tx, organizationId: string, name: string, exceptId: string): Promise<boolean> {
  const other = await tx
    .selectFrom('templates')
    .select('id')
    .where('organization_id', '=', organizationId)
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .where('deleted', '=', false)
    .where('id', '!=', exceptId)
    .executeTakeFirst()
  return other !== undefined
}

/** @throws ApiError 404 without such a version, 403 unless its import succeeded. */
async function requireImported(tx: Tx, versionId: string) {
  const version = await tx
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .where('version.id', '=', versionId)
    .select(['version.id', 'version.name', 'version.template_id', 'version.archived', 'job.job_status', 'job.error'])
    .executeTakeFirst()
  if (!version) throw notFound()
  if (version.job_status === 'succeeded') return version
  throw new ApiError(403, `The template version "${version.name}" was not imported successfully.`, {
    detail: isActive(version.job_status)
      ? 'Its import has not ended yet. Try again when it has.'
      : (version.error ?? 'Its import was canceled.'),
  })
}

type Settings = Omit<CreateTemplateRequest, 'name' | 'template_version_id'> | UpdateTemplateRequest

/** The settings that a request gives, under the names of the columns; what is left out stays as it is. */
function settingsOf(body: Settings): RowChange<'templates'> {
  return withoutAbsent({
    display_name: body.display_name,
    description: body.description,
    icon: body.icon,
    default_ttl_ms: body.default_ttl_ms,
    activity_bump_ms: body.activity_bump_ms,
    autostop_requirement_days_of_week: body.autostop_requirement?.days_of_week,
    autostop_requirement_weeks: body.autostop_requirement?.weeks,
    autostart_requirement_days_of_week: body.autostart_requirement?.days_of_week,
    allow_user_autostart: body.allow_user_autostart,
    allow_user_autostop: body.allow_user_autostop,
    allow_user_cancel_workspace_jobs: body.allow_user_cancel_workspace_jobs,
    failure_ttl_ms: body.failure_ttl_ms,
    require_active_version: body.require_active_version,
    max_port_share_level: body.max_port_share_level,
    cors_behavior: body.cors_behavior,
  })
}

function changesOf(body: UpdateTemplateRequest): RowChange<'templates'> {
  return {
    ...settingsOf(body),
    ...withoutAbsent({
      name: body.name,
      time_til_dormant_ms: body.time_til_dormant_ms,
      time_til_dormant_autodelete_ms: body.time_til_dormant_autodelete_ms,
      deprecation_message: body.deprecation_message,
      use_classic_parameter_flow: body.use_classic_parameter_flow,
      disable_module_cache: body.disable_module_cache,
    }),
  }
}

/** Go clients send `null` for what they do not set. */
function withoutAbsent(values: Record<string, unknown>): RowChange<'templates'> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null))
}

/** Ids of the templates that a search finds; a bare word is a part of the display name or name. */
async function findTemplates(db: Db, search: string, organizationId?: string): Promise<string[]> {
  const { terms, problems } = parseSearch(search)
  const wrong = [...problems]
  let query = db
    .selectFrom('templates as template')
    .innerJoin('organizations as organization', 'organization.id', 'template.organization_id')
    .select('template.id')
  let isDeletedWanted = false
  for (const { key, value } of terms) {
    const contains = (column: string) => sql<boolean>`strpos(lower(${sql.ref(column)}), ${value}) > 0`
    if (key === '') query = query.where((eb) => eb.or([contains('template.display_name'), contains('template.name')]))
    else if (key === 'name') query = query.where(contains('template.name'))
    else if (key === 'exact_name') query = query.where(sql`lower(template.name)`, '=', value)
    else if (key === 'exact_display_name') query = query.where(sql`lower(template.display_name)`, '=', value)
    else if (key === 'organization') {
      query = query.where(sql<boolean>`${value} in (lower(organization.name), organization.id::text)`)
    } else if (key === 'ids') query = query.where(sql<boolean>`template.id::text = any(${value.split(',')})`)
    else if (key === 'deprecated')
      query = query.where(sql<boolean>`(template.deprecation_message <> '') = ${value === 'true'}`)
    else if (key === 'deleted') isDeletedWanted = value === 'true'
    else
      wrong.push(
        `"${key}" is not a valid search key. Keys: name, exact_name, exact_display_name, organization, ids, deprecated, deleted.`,
      )
  }
  if (wrong.length > 0) throw invalidQuery(wrong.map((detail) => ({ field: 'q', detail })))
  const found = await query
    .where('template.deleted', '=', isDeletedWanted)
    .$if(organizationId !== undefined, (narrowed) =>
      narrowed.where('template.organization_id', '=', organizationId ?? ''),
    )
    .execute()
  return found.map(({ id }) => id)
}
