// Settings of organizations: workspace sharing, and identity provider sync, which is not supported.

import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../../api/errors.ts'
import {
  getGroupSync,
  getOrganizationSync,
  getRoleSync,
  getWorkspaceSharing,
  listSyncFields,
  listSyncFieldsOfOrganization,
  listSyncFieldValues,
  listSyncFieldValuesOfOrganization,
  updateGroupSync,
  updateGroupSyncConfig,
  updateGroupSyncMapping,
  updateOrganizationSync,
  updateOrganizationSyncConfig,
  updateOrganizationSyncMapping,
  updateRoleSync,
  updateRoleSyncConfig,
  updateRoleSyncMapping,
  updateWorkspaceSharing,
} from '../../../api/organizations/organization-settings.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { authorize } from '../../policy/policy.ts'
import { changeOrganization } from './organizations.ts'

const rejectedEndpoints = [
  updateOrganizationSync,
  updateOrganizationSyncConfig,
  updateOrganizationSyncMapping,
  updateGroupSync,
  updateGroupSyncConfig,
  updateGroupSyncMapping,
  updateRoleSync,
  updateRoleSyncConfig,
  updateRoleSyncMapping,
]

export function registerOrganizationSettingsRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, getWorkspaceSharing, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    return { sharing_disabled: organization.workspace_sharing_disabled }
  })

  serve(app, updateWorkspaceSharing, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'update')
    const { sharing_disabled: isDisabled } = request.body
    await changeOrganization(db, request, organization, { workspace_sharing_disabled: isDisabled }, async (tx) => {
      if (!isDisabled) return
      await tx
        .updateTable('workspaces')
        .set({ user_acl: '{}', group_acl: '{}' })
        .where('organization_id', '=', organization.id)
        .execute()
    })
    return { sharing_disabled: isDisabled }
  })

  serve(app, getOrganizationSync, async (request) => {
    authorize(request, 'read', { resource: 'idpsync_settings' })
    return { field: '', mapping: {}, organization_assign_default: true }
  })

  serve(app, getGroupSync, async (request) => {
    await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'idpsync_settings' })
    return { field: '', mapping: {}, regex_filter: null, auto_create_missing_groups: false }
  })

  serve(app, getRoleSync, async (request) => {
    await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', { resource: 'idpsync_settings' })
    return { field: '', mapping: {} }
  })

  for (const endpoint of [listSyncFields, listSyncFieldValues]) {
    serve(app, endpoint, async (request) => {
      authorize(request, 'read', { resource: 'idpsync_settings' })
      return []
    })
  }
  for (const endpoint of [listSyncFieldsOfOrganization, listSyncFieldValuesOfOrganization]) {
    serve(app, endpoint, async (request) => {
      await requireOrganization(context, request, request.params.organization, 'read')
      authorize(request, 'read', { resource: 'idpsync_settings' })
      return []
    })
  }

  for (const endpoint of rejectedEndpoints) {
    serve(app, endpoint, async (request) => {
      authorize(request, 'update', { resource: 'idpsync_settings' })
      throw new ApiError(400, 'No identity provider is configured.', {
        detail: 'Users, roles and memberships are managed locally.',
      })
    })
  }
}
