// Rows as what the policy is asked about: what they are called there, whose they are, and who else may use them.

import type { Subject } from './policy.ts'

interface TemplateRow {
  readonly id: string
  readonly organization_id: string
  readonly user_acl: Readonly<Record<string, string>>
  readonly group_acl: Readonly<Record<string, string>>
}

export function templateSubject(row: TemplateRow): Subject {
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

/** A dormant workspace is a resource of its own: less can be done with it. */
export function workspaceSubject(row: WorkspaceRow): Subject {
  return {
    resource: row.dormant_at === null ? 'workspace' : 'workspace_dormant',
    id: row.id,
    ownerId: row.owner_id,
    organizationId: row.organization_id,
    accessList: { users: row.user_acl, groups: row.group_acl },
  }
}

/** What nobody has any right to but whoever may do it to all of its kind: asked about what was not found. */
export const unknownSubject = (resource: Subject['resource']): Subject => ({ resource, organizationId: null })

export const userSubject = (id: string): Subject => ({ resource: 'user', id, ownerId: id })

/** A group; without an id, of the organization's groups in general. */
export const groupSubject = (id: string | undefined, organizationId: string): Subject => ({
  resource: 'group',
  id,
  organizationId,
})

/** A user as a member; without one, of the organization's members in general. */
export const memberSubject = (organizationId: string, userId: string | undefined): Subject => ({
  resource: 'organization_member',
  id: userId,
  ownerId: userId,
  organizationId,
})

/** The access list, as it is stored, of what everybody in an organization may use. */
export const everybodyMayUse = (organizationId: string): string => JSON.stringify({ [organizationId]: 'use' })
