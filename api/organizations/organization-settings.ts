// Settings of organizations: sharing, and what comes from an identity provider, of which there is none.

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
  summary: 'Tells whether members may share their workspaces',
  access: user('read', 'organization'),
  params: OrganizationParams,
  responses: { 200: WorkspaceSharingSettings },
})

export const updateWorkspaceSharing = endpoint({
  method: 'PATCH',
  path: '/api/v2/organizations/:organization/settings/workspace-sharing',
  summary: 'Sets whether members may share their workspaces; ending it takes all shares back',
  access: user('update', 'organization'),
  params: OrganizationParams,
  body: WorkspaceSharingSettings,
  responses: { 200: WorkspaceSharingSettings },
})

export const getOrganizationSync = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/organization',
  summary: 'Tells how users get into organizations from an identity provider: not at all',
  access: user('read', 'idpsync_settings'),
  responses: { 200: OrganizationSyncSettings },
})

export const getGroupSync = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/groups',
  summary: 'Tells how members get into groups from an identity provider: not at all',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: GroupSyncSettings },
})

export const getRoleSync = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/roles',
  summary: 'Tells how members get roles from an identity provider: not at all',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: RoleSyncSettings },
})

const Texts = Type.Array(Type.String())
const ClaimQuery = Type.Object({ claimField: Type.Optional(Type.String()) })

export const listSyncFields = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/available-fields',
  summary: 'Lists what an identity provider says of users: nothing',
  access: user('read', 'idpsync_settings'),
  responses: { 200: Texts },
})

export const listSyncFieldValues = endpoint({
  method: 'GET',
  path: '/api/v2/settings/idpsync/field-values',
  summary: 'Lists the values of what an identity provider says of users: none',
  access: user('read', 'idpsync_settings'),
  query: ClaimQuery,
  responses: { 200: Texts },
})

export const listSyncFieldsOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/available-fields',
  summary: 'Lists what an identity provider says of members: nothing',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  responses: { 200: Texts },
})

export const listSyncFieldValuesOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/settings/idpsync/field-values',
  summary: 'Lists the values of what an identity provider says of members: none',
  access: user('read', 'idpsync_settings'),
  params: OrganizationParams,
  query: ClaimQuery,
  responses: { 200: Texts },
})

/** @param kind the rest of the address: which settings, and whether all of them */
const refusedSync = (kind: string) =>
  endpoint({
    method: 'PATCH',
    path: `/api/v2/${kind}`,
    summary: 'Would set what comes from an identity provider; refused, as there is none',
    access: user('update', 'idpsync_settings'),
    ...((kind.includes(':organization') ? { params: OrganizationParams } : {}) as { params: TSchema }),
    body: Type.Record(Type.String(), Type.Unknown()),
    responses: { 200: Response },
  })

const ofOrganization = 'organizations/:organization/settings/idpsync'

export const updateOrganizationSync = refusedSync('settings/idpsync/organization')
export const updateOrganizationSyncConfig = refusedSync('settings/idpsync/organization/config')
export const updateOrganizationSyncMapping = refusedSync('settings/idpsync/organization/mapping')
export const updateGroupSync = refusedSync(`${ofOrganization}/groups`)
export const updateGroupSyncConfig = refusedSync(`${ofOrganization}/groups/config`)
export const updateGroupSyncMapping = refusedSync(`${ofOrganization}/groups/mapping`)
export const updateRoleSync = refusedSync(`${ofOrganization}/roles`)
export const updateRoleSyncConfig = refusedSync(`${ofOrganization}/roles/config`)
export const updateRoleSyncMapping = refusedSync(`${ofOrganization}/roles/mapping`)
