// Finds and authorizes the templates and template versions named in a request. Missing and invisible objects produce
// the same 404.

import { notFound } from '../../api/errors.ts'
import type { Action } from '../../api/rbac.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { templateObject, unknownObject } from '../policy/objects.ts'
import { type AuthzContext, type AuthzObject, authorize, isPermitted, type Principal } from '../policy/policy.ts'
import { requireOrganization } from './users.ts'

export async function requireTemplate(
  { db }: ServerContext,
  request: AuthzContext,
  id: string,
  action: Action,
): Promise<Row<'templates'>> {
  const found = await db
    .selectFrom('templates')
    .selectAll()
    .where('id', '=', id)
    .where('deleted', '=', false)
    .executeTakeFirst()
  authorize(request, action, found ? templateObject(found) : unknownObject('template'))
  if (!found) throw notFound()
  return found
}

/** A template by its name in an organization. */
export async function requireTemplateByName(
  context: ServerContext,
  request: AuthzContext,
  organizationName: string,
  name: string,
  action: Action,
): Promise<Row<'templates'>> {
  const organization = await requireOrganization(context, request, organizationName, 'read')
  const found = await context.db
    .selectFrom('templates')
    .selectAll()
    .where('organization_id', '=', organization.id)
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .where('deleted', '=', false)
    .executeTakeFirst()
  authorize(request, action, found ? templateObject(found) : unknownObject('template'))
  if (!found) throw notFound()
  return found
}

export async function requireTemplateVersion(
  { db }: ServerContext,
  request: AuthzContext,
  id: string,
  action: Action,
): Promise<Row<'template_versions'>> {
  const found = await db.selectFrom('template_versions').selectAll().where('id', '=', id).executeTakeFirst()
  authorize(request, action, await versionObject(db, found))
  if (!found) throw notFound()
  return found
}

/** A version has the permissions of its template; without one, it requires permission for all templates. */
async function versionObject(db: Db, version: Row<'template_versions'> | undefined): Promise<AuthzObject> {
  const template = await db
    .selectFrom('templates')
    .select(['id', 'organization_id', 'user_acl', 'group_acl'])
    .where('id', '=', version?.template_id ?? null)
    .executeTakeFirst()
  if (template) return templateObject(template)
  return { resource: 'template', organizationId: version?.organization_id ?? null }
}

/** Filters templates by the caller's read permission. */
export async function filterReadable(db: Db, principal: Principal, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('templates')
    .select(['id', 'organization_id', 'user_acl', 'group_acl'])
    .where('id', 'in', ids)
    .execute()
  return rows.filter((row) => isPermitted(principal, 'read', templateObject(row))).map(({ id }) => id)
}
