// Custom roles of organizations: converts the stored permission lists to the grant tables that policy.ts reads.

import { type Action, isResource, type Resource, resourceActions } from '../../api/rbac.ts'
import type { Row, StoredPermission } from '../database/schema.ts'
import type { Grants, Role } from './roles.ts'

type StoredRole = Pick<
  Row<'custom_roles'>,
  'organization_id' | 'name' | 'display_name' | 'organization_permissions' | 'member_permissions'
>

export function groupRolesByOrganization(rows: readonly StoredRole[]): Record<string, Role[]> {
  const byOrganization: Record<string, Role[]> = {}
  for (const row of rows)
    byOrganization[row.organization_id] = [...(byOrganization[row.organization_id] ?? []), toRole(row)]
  return byOrganization
}

export function toRole({ name, display_name, organization_permissions, member_permissions }: StoredRole): Role {
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
    grants[resource] = [...(grants[resource] ?? []), ...expandActions(resource, action)]
  }
  return grants
}

/** Expands `*`; empty for an unknown resource or action. */
export function expandActions(resource: string, action: string): readonly Action[] {
  if (!isResource(resource)) return []
  const all: readonly Action[] = resourceActions[resource]
  return action === '*' ? all : all.filter((valid) => valid === action)
}
