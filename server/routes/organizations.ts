// The organizations: one, the default.

import type { FastifyInstance } from 'fastify'
import type { MinimalOrganization } from '../../api/audit.ts'
import { notFound } from '../../api/errors.ts'
import { getMember, getOrganization, listOrganizations, type Organization } from '../../api/organizations.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { requireOrganization, requireUser } from '../load.ts'
import { authorize } from '../policy.ts'
import { serve } from '../serve.ts'
import { toOrganizationRole, toSiteRole } from './to-user.ts'

export function registerOrganizationRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listOrganizations, async (request) => {
    authorize(request, 'list', { resource: 'organization' })
    const rows = await db.selectFrom('organizations').selectAll().where('deleted', '=', false).orderBy('name').execute()
    return rows.map(toOrganization)
  })

  serve(app, getOrganization, async (request) =>
    toOrganization(await requireOrganization(context, request, request.params.organization, 'read')),
  )

  serve(app, getMember, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const user = await requireUser(context, request, request.params.user, 'read')
    const member = await db
      .selectFrom('organization_members')
      .selectAll()
      .where('organization_id', '=', organization.id)
      .where('user_id', '=', user.id)
      .executeTakeFirst()
    if (!member) throw notFound()
    return {
      user_id: user.id,
      organization_id: organization.id,
      created_at: member.created_at.toISOString(),
      updated_at: member.updated_at.toISOString(),
      roles: member.roles.map((name) => toOrganizationRole(name, organization.id)),
      username: user.username,
      name: user.name,
      avatar_url: user.avatar_url,
      email: user.email,
      global_roles: user.rbac_roles.map(toSiteRole),
    }
  })
}

/** Organizations by id, as logs name them. */
export async function minimalOrganizations(
  db: Db,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, MinimalOrganization>> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  if (wanted.length === 0) return new Map()
  const rows = await db
    .selectFrom('organizations')
    .where('id', 'in', wanted)
    .select(['id', 'name', 'display_name', 'icon'])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

export function toOrganization(row: Row<'organizations'>): Organization {
  return {
    id: row.id,
    name: row.name,
    display_name: row.display_name,
    icon: row.icon,
    description: row.description,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    is_default: row.is_default,
  }
}
