// Settings of organizations: workspace sharing and identity provider sync. No identity provider is supported.

import { type Static, type TSchema, Type } from 'typebox'
import { Response } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { OrganizationParams } from './organizations.ts'

export const WorkspaceSharingSettings = Type.Object({ sharing_disabled: Type.Boolean() })
export type WorkspaceSharingSettings = Static<typeof WorkspaceSharingSettings>

const Mapping = Type.Record(Type.String(), Type.Array(Type.String()))

export const GroupSyncSettings = Type.Object({
  field: Type.String(),
  mapping: Mapping,
  regex_filter: Type.Union([Type.String(), Type.Null()]),
  auto_create_missing_groups: Type.Boolean(),
})
export const RoleSyncSettings = Type.Object({ field: Type.String(), mapping: Mapping })
export const OrganizationSyncSettings = Type.Object({
  field: Type.String(),
  mapping: Mapping,
  organization_assign_default: Type.Boolean(),
})

export const getWorkspaceSharing = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/workspace-sharing',
  summary: 'Get whether members may share their workspaces.',
  access: user('read', 'organization'),
  params: OrganizationParams,
  responses: { 200: WorkspaceSharingSettings },
})

export const updateWorkspaceSharing = endpoint({
  method: 'PATCH',
  path: '/api/v2/organizations/:organization/settings/workspace-sharing',
  summary: 'Set whether members may share their workspaces. Disabling it removes all shares.',
  access: user('update', 'organization'),
  params: OrganizationParams,
  body: WorkspaceSharingSettings,
  responses: { 200: WorkspaceSharingSettings },
})

export const getOrganizationSync = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/organization',
  summary: 'Get the organization sync settings (always empty).',
  access: user('read', 'idpsync_settings'),
  responses: { 200: OrganizationSyncSettings },
})

export const getGroupSync = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/groups',
  summary: 'Get the group sync settings (always empty).',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: GroupSyncSettings },
})

export const getRoleSync = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/roles',
  summary: 'Get the role sync settings (always empty).',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: RoleSyncSettings },
})

const Texts = Type.Array(Type.String())
const ClaimQuery = Type.Object({ claimField: Type.Optional(Type.String()) })

export const listSyncFields = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/available-fields',
  summary: 'List the identity provider claims of the deployment (always empty).',
  access: user('read', 'idpsync_settings'),
  responses: { 200: Texts },
})

export const listSyncFieldValues = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/field-values',
  summary: 'List the values of an identity provider claim (always empty).',
  access: user('read', 'idpsync_settings'),
  query: ClaimQuery,
  responses: { 200: Texts },
})

export const listSyncFieldsOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/available-fields',
  summary: 'List the identity provider claims of an organization (always empty).',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: Texts },
})

export const listSyncFieldValuesOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/field-values',
  summary: 'List the values of an identity provider claim of an organization (always empty).',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  query: ClaimQuery,
  responses: { 200: Texts },
})

/** @param path below `/api/v2/` */
const rejectedSync = (path: string) =>
  endpoint({
    method: 'PATCH',
    path: `/api/v2/${path}`,
    summary: 'Update identity provider sync settings. Always rejected: no identity provider is configured.',
    access: user('update', 'idpsync_settings'),
    ...((path.includes(':organization') ? { params: OrganizationParams } : {}) as { params: TSchema }),
    body: Type.Record(Type.String(), Type.Unknown()),
    responses: { 200: Response },
  })

const organizationPath = 'organizations/:organization/settings/idpsync'

export const updateOrganizationSync = rejectedSync('settings/idpsync/organization')
export const updateOrganizationSyncConfig = rejectedSync('settings/idpsync/organization/config')
export const updateOrganizationSyncMapping = rejectedSync('settings/idpsync/organization/mapping')
export const updateGroupSync = rejectedSync(`${organizationPath}/groups`)
export const updateGroupSyncConfig = rejectedSync(`${organizationPath}/groups/config`)
export const updateGroupSyncMapping = rejectedSync(`${organizationPath}/groups/mapping`)
export const updateRoleSync = rejectedSync(`${organizationPath}/roles`)
export const updateRoleSyncConfig = rejectedSync(`${organizationPath}/roles/config`)
export const updateRoleSyncMapping = rejectedSync(`${organizationPath}/roles/mapping`)
