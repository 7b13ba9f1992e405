// Conversion of database rows to authorization objects: type, owner, organization, access list.

import type { AuthzObject } from './policy.ts'

interface TemplateRow {
  readonly id: string
  readonly organization_id: string
  readonly user_acl: Readonly<Record<string, string>>
  readonly group_acl: Readonly<Record<string, string>>
}

export function templateObject(row: TemplateRow): AuthzObject {
  return {
    resource: 'template',
    id: row.id,
    organizationId: row.organization_id,
    accessList: { users: row.user_acl, groups: row.group_acl },
  }
}

interface WorkspaceRow {
  readonly id: string
  readonly organization_id: string
  readonly owner_id: string
  readonly dormant_at: Date | null
  readonly user_acl: Readonly<Record<string, string>>
  readonly group_acl: Readonly<Record<string, string>>
}

/** A dormant workspace is a separate resource type with fewer permitted actions. */
export function workspaceObject(row: WorkspaceRow): AuthzObject {
  return {
    resource: row.dormant_at === null ? 'workspace' : 'workspace_dormant',
    id: row.id,
    ownerId: row.owner_id,
    organizationId: row.organization_id,
    accessList: { users: row.user_acl, groups: row.group_acl },
  }
}

/** Represents an object that was not found: permitted only for principals with permission on all objects of the type. */
export const unknownObject = (resource: AuthzObject['resource']): AuthzObject => ({ resource, organizationId: null })

export const userObject = (id: string): AuthzObject => ({ resource: 'user', id, ownerId: id })

/** A group; without an ID, any group of the organization. */
export const groupObject = (id: string | undefined, organizationId: string): AuthzObject => ({
  resource: 'group',
  id,
  organizationId,
})

/** An organization member; without a user ID, any member of the organization. */
export const memberObject = (organizationId: string, userId: string | undefined): AuthzObject => ({
  resource: 'organization_member',
  id: userId,
  ownerId: userId,
  organizationId,
})

/** The stored access list that lets every member of the organization use an object. */
export const everyoneAccessList = (organizationId: string): string => JSON.stringify({ [organizationId]: 'use' })
