// Custom roles of organizations. A role cannot grant permissions that its creator does not have.

import type { FastifyInstance } from 'fastify'
import { ApiError, forbidden, notFound, validationFailed } from '../../../api/errors.ts'
import {
  type CustomRoleRequest,
  createCustomRole,
  deleteCustomRole,
  updateCustomRole,
} from '../../../api/organizations/members.ts'
import type { CustomRole } from '../../../api/organizations/roles.ts'
import type { Resource } from '../../../api/rbac.ts'
import { audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { type Db, isUniqueViolation } from '../../database/connect.ts'
import type { Row, StoredPermission } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { expandActions, toRole } from '../../policy/custom-roles.ts'
import { type AuthzContext, authorize, isPermitted, type Principal } from '../../policy/policy.ts'
import { organizationRoles, type Role, siteRoles } from '../../policy/roles.ts'

type CustomRoleRow = Row<'custom_roles'>

export function registerCustomRoleRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, sessions } = context

  serve(app, createCustomRole, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', { resource: 'assign_org_role', organizationId: organization.id })
    if (isBuiltIn(request.body.name)) throw nameTaken(request.body.name)
    const values = parseRole(request.principal, organization.id, request.body)
    const row = await db.transaction().execute(async (tx) => {
      const after = await tx
        .insertInto('custom_roles')
        .values({ organization_id: organization.id, name: request.body.name, ...toColumns(values) })
        .returningAll()
        .executeTakeFirstOrThrow()
        .catch((error: unknown) => {
          throw isUniqueViolation(error) ? nameTaken(request.body.name) : error
        })
      await audit(tx, request, { ...auditEntry('create', after), after: audited(after) })
      return after
    })
    return toCustomRole(row)
  })

  serve(app, updateCustomRole, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const before = await requireRole(request, organization.id, request.body.name, 'update')
    const values = parseRole(request.principal, organization.id, request.body)
    const row = await db.transaction().execute(async (tx) => {
      const after = await tx
        .updateTable('custom_roles')
        .set({ ...toColumns(values), updated_at: new Date() })
        .where('organization_id', '=', organization.id)
        .where('name', '=', before.name)
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, { ...auditEntry('write', after), before: audited(before), after: audited(after) })
      return after
    })
    sessions.evict()
    return toCustomRole(row)
  })

  serve(app, deleteCustomRole, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const before = await requireRole(request, organization.id, request.params.rolename, 'delete')
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('organization_members')
        .set((eb) => ({ roles: eb.fn('array_remove', ['roles', eb.val(before.name)]) }))
        .where('organization_id', '=', organization.id)
        .where((eb) => eb(eb.val(before.name), '=', eb.fn.any('roles')))
        .execute()
      await tx
        .deleteFrom('custom_roles')
        .where('organization_id', '=', organization.id)
        .where('name', '=', before.name)
        .execute()
      await audit(tx, request, { ...auditEntry('delete', before), before: audited(before), status: 204 })
    })
    sessions.evict()
    return null
  })

  async function requireRole(request: AuthzContext, organizationId: string, name: string, action: 'update' | 'delete') {
    authorize(request, action, { resource: 'assign_org_role', organizationId })
    if (Object.hasOwn(organizationRoles, name))
      throw new ApiError(400, `The role "${name}" is built in and cannot be changed.`)
    const row = await db
      .selectFrom('custom_roles')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('name', '=', name)
      .executeTakeFirst()
    if (!row) throw notFound()
    return row
  }
}

export const isBuiltIn = (name: string): boolean =>
  Object.hasOwn(organizationRoles, name) || Object.hasOwn(siteRoles, name)

export async function findCustomRoles(db: Db, organizationId: string): Promise<CustomRoleRow[]> {
  return await db
    .selectFrom('custom_roles')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('name')
    .execute()
}

/** Custom roles by name. */
export async function loadCustomRoles(db: Db, organizationId: string): Promise<Readonly<Record<string, Role>>> {
  return Object.fromEntries((await findCustomRoles(db, organizationId)).map((row) => [row.name, toRole(row)]))
}

export const toCustomRole = (row: CustomRoleRow): CustomRole => ({
  name: row.name,
  display_name: row.display_name,
  organization_id: row.organization_id,
  site_permissions: [],
  organization_permissions: row.organization_permissions,
  organization_member_permissions: row.member_permissions,
  user_permissions: [],
})

const nameTaken = (name: string) =>
  new ApiError(409, `A role named "${name}" already exists.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })

type Values = Pick<CustomRoleRow, 'display_name' | 'organization_permissions' | 'member_permissions'>

const toColumns = ({ display_name, organization_permissions, member_permissions }: Values) => ({
  display_name,
  organization_permissions: JSON.stringify(organization_permissions),
  member_permissions: JSON.stringify(member_permissions),
})

/** @throws ApiError 400 for unknown permissions, 403 for permissions that the caller does not have */
function parseRole(principal: Principal, organizationId: string, body: CustomRoleRequest): Values {
  const read = (field: 'organization_permissions' | 'organization_member_permissions'): StoredPermission[] =>
    (body[field] ?? []).flatMap(({ negate, resource_type, action }) => {
      const actions = expandActions(resource_type, action)
      if (actions.length === 0)
        throw validationFailed([{ field, detail: `Unknown action "${action}" on "${resource_type}".` }])
      return actions.map((expanded) => ({ negate: negate ?? false, resource_type, action: expanded }))
    })
  const values = {
    display_name: body.display_name ?? '',
    organization_permissions: read('organization_permissions'),
    member_permissions: read('organization_member_permissions'),
  }
  requireOwnPermissions(principal, values.organization_permissions, { organizationId })
  requireOwnPermissions(principal, values.member_permissions, { organizationId, ownerId: principal.userId })
  return values
}

function requireOwnPermissions(
  principal: Principal,
  permissions: readonly StoredPermission[],
  where: { readonly organizationId: string; readonly ownerId?: string },
): void {
  for (const { negate, resource_type, action } of permissions) {
    if (negate) continue
    const missing = expandActions(resource_type, action).find(
      (granted) => !isPermitted(principal, granted, { resource: resource_type as Resource, ...where }),
    )
    if (missing)
      throw forbidden(`You cannot grant "${resource_type}:${missing}" because you do not have this permission.`)
  }
}

const auditEntry = (action: 'create' | 'write' | 'delete', { name, organization_id }: CustomRoleRow) =>
  ({ action, resource: 'custom_role', id: organization_id, target: name, organizationId: organization_id }) as const

const audited = ({ name, display_name, organization_permissions, member_permissions }: CustomRoleRow) => ({
  name,
  display_name,
  organization_permissions,
  member_permissions,
})
