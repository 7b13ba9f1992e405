// Roles that organizations make for themselves, as the policy asks roles: from lists of permissions to tables of grants.

import { type Action, isResource, type Resource, resourceActions } from '../../api/rbac.ts'
import type { Row, StoredPermission } from '../database/schema.ts'
import type { Grants, Role } from './roles.ts'

type Stored = Pick<
  Row<'custom_roles'>,
  'organization_id' | 'name' | 'display_name' | 'organization_permissions' | 'member_permissions'
>

export function rolesByOrganization(rows: readonly Stored[]): Record<string, Role[]> {
  const found: Record<string, Role[]> = {}
  for (const row of rows) found[row.organization_id] = [...(found[row.organization_id] ?? []), toRole(row)]
  return found
}

export function toRole({ name, display_name, organization_permissions, member_permissions }: Stored): Role {
  const all = [...organization_permissions, ...member_permissions]
  return {
    displayName: display_name || name,
    organization: toGrants(organization_permissions.filter(({ negate }) => !negate)),
    own: toGrants(member_permissions.filter(({ negate }) => !negate)),
    denied: toGrants(all.filter(({ negate }) => negate)),
  }
}

function toGrants(permissions: readonly StoredPermission[]): Grants {
  const grants: Partial<Record<Resource, Action[]>> = {}
  for (const { resource_type: resource, action } of permissions) {
    if (!isResource(resource)) continue
    grants[resource] = [...(grants[resource] ?? []), ...actionsOf(resource, action)]
  }
  return grants
}

/** The actions that a permission names; none where there is no such thing. */
export function actionsOf(resource: string, action: string): readonly Action[] {
  if (!isResource(resource)) return []
  const all: readonly Action[] = resourceActions[resource]
  return action === '*' ? all : all.filter((known) => known === action)
}
