// The versions of a template: list, lookup by name, previous version, active version, archiving of unused versions.
// Endpoints of a single version are in template-versions.ts.

import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  archiveTemplateVersions,
  getPreviousVersion,
  getTemplateVersionByName,
  getVersionOfOrganization,
  listTemplateVersions,
  promoteTemplateVersion,
} from '../../../api/templates/templates.ts'
import { counted } from '../../../lib/counted.ts'
import { audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db, Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { isActive } from '../../jobs/job-status.ts'
import { requireTemplate, requireTemplateByName } from '../../lookup/templates.ts'
import { archiveUnused } from '../../templates/archive-versions.ts'
import { auditedTemplate } from '../../templates/audited-template.ts'
import { loadVersion, loadVersions } from '../../templates/to-template.ts'

export function registerTemplateVersionHistoryRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  serve(app, listTemplateVersions, async (request) => {
    const { limit = 0, offset = 0, after_id: afterId, include_archived: includeArchived } = request.query
    const template = await requireTemplate(context, request, request.params.template, 'read')
    const after = afterId === undefined ? undefined : await requireCursor(db, template, afterId)
    const versions = await db
      .selectFrom('template_versions')
      .select('id')
      .where('template_id', '=', template.id)
      .$if(includeArchived !== true, (query) => query.where('archived', '=', false))
      .$if(after !== undefined, (query) =>
        query.where((eb) =>
          eb.or([
            eb('created_at', '>', after?.created_at ?? new Date(0)),
            eb.and([eb('created_at', '=', after?.created_at ?? new Date(0)), eb('id', '>', after?.id ?? '')]),
          ]),
        ),
      )
      .orderBy('created_at')
      .orderBy('id')
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
    return await loadVersion(db, (await requireVersion(db, template, request.params.templateversionname)).id)
  })

  serve(app, getVersionOfOrganization, async (request) => {
    const { organization, templatename, templateversionname } = request.params
    const template = await requireTemplateByName(context, request, organization, templatename, 'read')
    return await loadVersion(db, (await requireVersion(db, template, templateversionname)).id)
  })

  serve(app, getPreviousVersion, async (request) => {
    const { organization, templatename, templateversionname } = request.params
    const template = await requireTemplateByName(context, request, organization, templatename, 'read')
    const version = await requireVersion(db, template, templateversionname)
    const previous = await findPreviousVersion(db, version)
    if (!previous) throw new ApiError(404, `No previous template version found for "${templateversionname}".`)
    return await loadVersion(db, previous.id)
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

  serve(app, archiveTemplateVersions, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const archived = await db.transaction().execute(async (tx) => {
      const ids = await archiveUnused(tx, template.id, { failedOnly: request.body.all !== true })
      for (const version of await readVersions(tx, ids)) {
        await audit(tx, request, {
          action: 'write',
          resource: 'template_version',
          id: version.id,
          target: version.name,
          organizationId: version.organization_id,
          before: { ...version, archived: false },
          after: version,
        })
      }
      if (ids.length > 0) await events.publish(tx, { type: 'template', template_id: template.id })
      return ids
    })
    const message = `Archived ${counted(archived.length, 'template version')}.`
    return { message, template_id: template.id, archived_ids: archived }
  })
}

/** @throws ApiError 404 */
async function requireVersion(db: Db, { id }: Row<'templates'>, name: string): Promise<Row<'template_versions'>> {
  const version = await db
    .selectFrom('template_versions')
    .selectAll()
    .where('template_id', '=', id)
    .where('name', '=', name)
    .executeTakeFirst()
  if (!version) throw notFound()
  return version
}

async function findPreviousVersion(db: Db, version: Row<'template_versions'>): Promise<{ id: string } | undefined> {
  return await db
    .selectFrom('template_versions')
    .select('id')
    .where('template_id', '=', version.template_id)
    .where('id', '!=', version.id)
    .where('created_at', '<=', version.created_at)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** @throws ApiError 400 if the cursor is not a version of the template */
async function requireCursor(db: Db, template: Row<'templates'>, id: string): Promise<Row<'template_versions'>> {
  const version = await db
    .selectFrom('template_versions')
    .selectAll()
    .where('template_id', '=', template.id)
    .where('id', '=', id)
    .executeTakeFirst()
  if (version) return version
  throw new ApiError(400, `Record at "after_id" ("${id}") does not exist.`, {
    validations: [{ field: 'after_id', detail: 'is not a version of this template' }],
  })
}

async function readVersions(tx: Tx, ids: readonly string[]): Promise<Row<'template_versions'>[]> {
  if (ids.length === 0) return []
  return await tx.selectFrom('template_versions').selectAll().where('id', 'in', ids).execute()
}

/** @throws ApiError 404 if the version does not exist, 403 unless its import succeeded */
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
      ? 'Its import has not finished. Try again later.'
      : (version.error ?? 'Its import was canceled.'),
  })
}
