// Templates: list, read, create, update, delete. Versions are in template-version-history.ts, access control in
// template-acl.ts.

import type { FastifyInstance } from 'fastify'
import { zeroUuid } from '../../../api/common.ts'
import { ApiError } from '../../../api/errors.ts'
import {
  createTemplate,
  deleteTemplate,
  getTemplate,
  getTemplateByName,
  invalidatePresets,
  listTemplateExamples,
  listTemplateExamplesOfOrganization,
  listTemplates,
  listTemplatesOfOrganization,
  updateTemplate,
} from '../../../api/templates/templates.ts'
import { audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Tx } from '../../database/connect.ts'
import { replySent, serve } from '../../http/serve.ts'
import { filterReadable, requireTemplate, requireTemplateByName } from '../../lookup/templates.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { everyoneAccessList } from '../../policy/objects.ts'
import { authorize, type Principal } from '../../policy/policy.ts'
import { auditedTemplate } from '../../templates/audited-template.ts'
import { findTemplates } from '../../templates/find-templates.ts'
import { listStarters } from '../../templates/starter-templates.ts'
import { notifyTemplateDeleted, notifyTemplateDeprecated } from '../../templates/template-notifications.ts'
import { applySettingsToWorkspaces, changedSettings, isChange, newSettings } from '../../templates/template-settings.ts'
import { loadTemplate, loadTemplates } from '../../templates/to-template.ts'

export function registerTemplateRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context
  const loadReadable = async ({ principal }: { readonly principal: Principal }, ids: readonly string[]) =>
    loadTemplates(db, await filterReadable(db, principal, ids))

  serve(app, listTemplates, async (request) => {
    authorize(request, 'list', { resource: 'template' })
    return await loadReadable(request, await findTemplates(db, searchOf(request)))
  })

  serve(app, listTemplatesOfOrganization, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', { resource: 'template' })
    return await loadReadable(
      request,
      await findTemplates(db, { ...searchOf(request), organizationId: organization.id }),
    )
  })

  serve(app, listTemplateExamples, async (request) => {
    authorize(request, 'read', { resource: 'template' })
    return await listStarters()
  })

  serve(app, listTemplateExamplesOfOrganization, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'template', organizationId: organization.id })
    return await listStarters()
  })

  serve(app, createTemplate, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', { resource: 'template' })
    const { body, principal } = request
    const id = await db.transaction().execute(async (tx) => {
      const version = await tx
        .selectFrom('template_versions')
        .select(['id', 'template_id', 'archived'])
        .where('id', '=', body.template_version_id)
        .executeTakeFirst()
      if (!version) {
        throw new ApiError(404, 'The template version does not exist.', {
          validations: [{ field: 'template_version_id', detail: 'does not exist' }],
        })
      }
      if (await isNameTaken(tx, organization.id, body.name)) throw nameTaken(body.name)
      if (version.template_id) {
        throw new ApiError(400, 'The template version already belongs to a template.', {
          validations: [{ field: 'template_version_id', detail: 'belongs to another template' }],
        })
      }
      if (version.archived) {
        throw new ApiError(400, 'The template version is archived.', {
          detail: 'Unarchive it first.',
          validations: [{ field: 'template_version_id', detail: 'is archived' }],
        })
      }
      const template = await tx
        .insertInto('templates')
        .values({
          organization_id: organization.id,
          ...(body.disable_everyone_group_access ? {} : { group_acl: everyoneAccessList(organization.id) }),
          name: body.name,
          active_version_id: version.id,
          created_by: principal.userId,
          ...newSettings(body),
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
    const { organization, templatename } = request.params
    const template = await requireTemplateByName(context, request, organization, templatename, 'read')
    return await loadTemplate(db, template.id)
  })

  serve(app, getTemplate, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'read')
    return await loadTemplate(db, template.id)
  })

  serve(app, updateTemplate, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const { body } = request
    const settings = changedSettings(template, body)
    if (!isChange(template, settings) && !body.update_workspace_last_used_at && !body.update_workspace_dormant_at) {
      request.reply.code(304).send()
      return replySent
    }
    const entry = { ...auditedTemplate(template), action: 'write' } as const
    const change = async (tx: Tx) => {
      if (body.name && (await isNameTaken(tx, template.organization_id, body.name, template.id)))
        throw nameTaken(body.name)
      const after = await tx
        .updateTable('templates')
        .set({ ...settings, updated_at: new Date() })
        .where('id', '=', template.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await applySettingsToWorkspaces(tx, template, after, body)
      if (after.deprecation_message !== '' && template.deprecation_message === '')
        await notifyTemplateDeprecated(tx, after, request.principal)
      await audit(tx, request, { ...entry, before: template, after })
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(change))
    return await loadTemplate(db, template.id)
  })

  serve(app, invalidatePresets, async (request) => {
    await requireTemplate(context, request, request.params.template, 'update')
    return { invalidated: [] }
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
          detail: `${count} ${count === 1 ? 'workspace uses' : 'workspaces use'} it.`,
        })
      }
      await tx
        .updateTable('templates')
        .set({ deleted: true, updated_at: new Date() })
        .where('id', '=', template.id)
        .execute()
      await audit(tx, request, { ...entry, before: template })
      await notifyTemplateDeleted(tx, template, request.principal)
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(remove))
    return { message: 'Template has been deleted!' }
  })
}

const nameTaken = (name: string) =>
  new ApiError(409, `Template with name "${name}" already exists.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })

/** @param exceptId a template to ignore */
async function isNameTaken(tx: Tx, organizationId: string, name: string, exceptId = zeroUuid): Promise<boolean> {
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

const searchOf = ({ query, principal }: { query: { q?: string }; principal: Principal }) => ({
  text: query.q ?? '',
  userId: principal.userId,
})
