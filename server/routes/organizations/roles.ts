// Built-in roles, and the rules for assigning roles.

import type { FastifyInstance } from 'fastify'
import { forbidden, validationFailed } from '../../../api/errors.ts'
import { listOrganizationRoles } from '../../../api/organizations/members.ts'
import { type AssignableRole, listSiteRoles, type Permission } from '../../../api/organizations/roles.ts'
import { type Action, type Resource, resourceActions } from '../../../api/rbac.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { authorize, type Principal } from '../../policy/policy.ts'
import { type Grants, organizationRoles, type Role, siteRoles } from '../../policy/roles.ts'
import { findCustomRoles, isBuiltIn, toCustomRole } from './custom-roles.ts'

/** Roles that every user or member has: not assignableEntries for assignment, but accepted in requests. */
const implicitRoles: readonly string[] = ['member', 'organization-member']

const assignableEntries = (roles: Readonly<Record<string, Role>>) =>
  Object.entries(roles).filter(([name]) => !implicitRoles.includes(name))

/** For each role, the roles that it permits to assign and remove. */
const assignableRoles: Readonly<Record<string, readonly string[]>> = {
  owner: [...Object.keys(siteRoles), ...Object.keys(organizationRoles)],
  'user-admin': implicitRoles,
  'organization-admin': Object.keys(organizationRoles),
  'organization-user-admin': ['organization-member'],
}

/** Roles that permit assigning and removing custom roles. */
const customRoleAssigners: readonly string[] = ['owner', 'organization-admin']

export function registerRoleRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, listSiteRoles, async (request) => {
    authorize(request, 'read', { resource: 'assign_role' })
    return assignableEntries(siteRoles).map(([name, role]) => toAssignableRole(request.principal, name, role))
  })

  serve(app, listOrganizationRoles, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'assign_org_role', organizationId: organization.id })
    const rows = await findCustomRoles(context.db, organization.id)
    return [
      ...assignableEntries(organizationRoles).map(([name, role]) => ({
        ...toAssignableRole(request.principal, name, role),
        organization_id: organization.id,
      })),
      ...rows.map((row) => ({
        ...toCustomRole(row),
        assignable: mayAssign(request.principal, row.name),
        built_in: false,
      })),
    ]
  })
}

/** @throws ApiError 400 for unknown roles, 403 if the caller is not allowed to make the change */
export function assertRoleChange(
  principal: Principal,
  availableRoles: Readonly<Record<string, Role>>,
  before: readonly string[],
  after: readonly string[],
): void {
  const unknown = after.filter((name) => !Object.hasOwn(availableRoles, name))
  if (unknown.length > 0) {
    throw validationFailed(
      unknown.map((name) => ({
        field: 'roles',
        detail: `"${name}" is not a role. Available roles: ${Object.keys(availableRoles).join(', ')}`,
      })),
    )
  }
  const changed = [...after.filter((name) => !before.includes(name)), ...before.filter((name) => !after.includes(name))]
  const rejected = changed.find((name) => !mayAssign(principal, name))
  if (rejected !== undefined) throw forbidden(`You are not allowed to assign or remove the role "${rejected}".`)
}

function mayAssign(principal: Principal, name: string): boolean {
  const held = [...principal.roles, ...Object.values(principal.organizationRoles).flat()]
  if (!isBuiltIn(name)) return held.some((role) => customRoleAssigners.includes(role))
  return held.some((role) => Object.hasOwn(assignableRoles, role) && assignableRoles[role]?.includes(name))
}

function toAssignableRole(principal: Principal, name: string, role: Role): AssignableRole {
  return {
    name,
    display_name: role.displayName,
    site_permissions: toPermissions(role.site),
    organization_permissions: [...toPermissions(role.organization), ...toPermissions(role.denied, true)],
    organization_member_permissions: [],
    user_permissions: toPermissions(role.own),
    assignable: mayAssign(principal, name),
    built_in: true,
  }
}

/** Expands the policy's short forms to one entry per resource and action. */
function toPermissions(grants: Grants = {}, negate = false): Permission[] {
  return Object.keys(resourceActions).flatMap((resource) => {
    const granted = grants[resource as Resource] ?? grants['*'] ?? []
    const actions: readonly (Action | '*')[] = granted === '*' ? ['*'] : granted
    return actions.map((action) => ({ negate, resource_type: resource, action }))
  })
}
