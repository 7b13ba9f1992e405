// Shares of a workspace, and the users who can own new workspaces.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { ApiError, forbidden } from '../../../api/errors.ts'
import {
  deleteWorkspaceAcl,
  getWorkspaceAcl,
  listAvailableOwners,
  updateWorkspaceAcl,
  type WorkspaceRole,
} from '../../../api/workspaces/workspace-sharing.ts'
import { type Actor, audit, auditFailures } from '../../audit/audit.ts'
import { requireSharingAllowed } from '../../builds/host-access.ts'
import type { ServerContext } from '../../context.ts'
import type { Db, Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'
import { authorize } from '../../policy/policy.ts'
import { applyRoles, validateGroupIds, validateUserIds } from '../../users/acl-changes.ts'
import { auditedWorkspace } from '../../workspaces/audited-workspace.ts'
import { loadSharedGroups, loadSharedUsers } from '../../workspaces/load-sharing.ts'

type Roles = Record<string, WorkspaceRole>

export function registerWorkspaceSharingRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  serve(app, getWorkspaceAcl, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    const [users, group] = await Promise.all([
      loadSharedUsers(db, workspace.user_acl),
      loadSharedGroups(db, workspace.group_acl),
    ])
    return { users, group }
  })

  const store = (
    request: Actor,
    workspace: Row<'workspaces'>,
    user_acl: Roles,
    group_acl: Roles,
    check: (tx: Tx) => Promise<void> = async () => undefined,
  ) =>
    auditFailures(context, request, auditedWorkspace(workspace), () =>
      db.transaction().execute(async (tx) => {
        await check(tx)
        await tx
          .updateTable('workspaces')
          .set({ user_acl: JSON.stringify(user_acl), group_acl: JSON.stringify(group_acl), updated_at: new Date() })
          .where('id', '=', workspace.id)
          .execute()
        await audit(tx, request, {
          ...auditedWorkspace(workspace),
          before: workspace,
          after: { ...workspace, user_acl, group_acl },
        })
        await events.publish(tx, { type: 'workspace', workspace_id: workspace.id, reason: 'settings' })
      }),
    )

  serve(app, updateWorkspaceAcl, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'share')
    await requireSharing(db, workspace.organization_id)
    const [userRoles, groupRoles] = [request.body.user_roles ?? {}, request.body.group_roles ?? {}]
    await requireKnownIds(db, userRoles, groupRoles, workspace.owner_id)
    await store(
      request,
      workspace,
      applyRoles(workspace.user_acl as Roles, userRoles),
      applyRoles(workspace.group_acl as Roles, groupRoles),
      async (tx) => {
        await tx.selectFrom('workspaces').select('id').where('id', '=', workspace.id).forUpdate().execute()
        await requireSharingAllowed(tx, request.principal, workspace.id)
      },
    )
    return null
  })

  serve(app, deleteWorkspaceAcl, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'share')
    await store(request, workspace, {}, {})
    return null
  })

  serve(app, listAvailableOwners, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', { resource: 'workspace' })
    const { q = '', limit = 0, offset = 0 } = request.query
    return await db
      .selectFrom('users')
      .innerJoin('organization_members as member', 'member.user_id', 'users.id')
      .where('member.organization_id', '=', organization.id)
      .where('users.deleted', '=', false)
      .where('users.status', '!=', 'suspended')
      .$if(q !== '', (query) => query.where(sql<boolean>`strpos(lower(users.username), ${q.toLowerCase()}) > 0`))
      .select(['users.id', 'users.username', 'users.name', 'users.avatar_url'])
      .orderBy(sql`lower(users.username)`)
      .$if(limit > 0, (query) => query.limit(limit))
      .offset(offset)
      .execute()
  })
}

/** @throws ApiError 403 if the organization has disabled sharing */
async function requireSharing(db: Db, organizationId: string): Promise<void> {
  const { workspace_sharing_disabled: isDisabled } = await db
    .selectFrom('organizations')
    .select('workspace_sharing_disabled')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow()
  if (isDisabled)
    throw forbidden('Workspace sharing is disabled in this organization. Ask an organization admin to enable it.')
}

/** @throws ApiError 400 with each unknown ID, and if the owner is among the users */
async function requireKnownIds(db: Db, userRoles: Roles, groupRoles: Roles, ownerId: string): Promise<void> {
  const validations = [
    ...(userRoles[ownerId] ? [{ field: 'user_roles', detail: 'The owner already has access.' }] : []),
    ...(await validateUserIds(db, userRoles, 'user_roles')),
    ...(await validateGroupIds(db, groupRoles, 'group_roles')),
  ]
  if (validations.length > 0) throw new ApiError(400, 'Invalid request to update the ACL.', { validations })
}
