// Access list of a workspace, and the users for whom workspaces may be created.

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
import { isUuid } from '../../../lib/uuid.ts'
import { type Actor, audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'
import { authorize } from '../../policy/policy.ts'
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

  const store = (request: Actor, workspace: Row<'workspaces'>, user_acl: Roles, group_acl: Roles) =>
    auditFailures(context, request, auditedWorkspace(workspace), () =>
      db.transaction().execute(async (tx) => {
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
    await requireKnown(db, userRoles, groupRoles, workspace.owner_id)
    await store(
      request,
      workspace,
      withRoles(workspace.user_acl as Roles, userRoles),
      withRoles(workspace.group_acl as Roles, groupRoles),
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

/** @throws ApiError 403 when the organization has disabled sharing. */
async function requireSharing(db: Db, organizationId: string): Promise<void> {
  const { workspace_sharing_disabled: isDisabled } = await db
    .selectFrom('organizations')
    .select('workspace_sharing_disabled')
    .where('id', '=', organizationId)
    .executeTakeFirstOrThrow()
  if (isDisabled)
    throw forbidden('Workspace sharing is disabled in this organization. An organization admin can enable it.')
}

/** An empty role removes the entry. */
function withRoles(acl: Roles, changes: Roles): Roles {
  return Object.fromEntries(Object.entries({ ...acl, ...changes }).filter(([, role]) => role !== ''))
}

/** @throws ApiError 400 naming each unknown id. */
async function requireKnown(db: Db, userRoles: Roles, groupRoles: Roles, ownerId: string): Promise<void> {
  const known = new Set(
    (await Promise.all([loadSharedUsers(db, userRoles), loadSharedGroups(db, groupRoles)])).flat().map(({ id }) => id),
  )
  const problemOf = (id: string, field: string) => {
    if (!isUuid(id)) return [{ field, detail: `"${id}" is not a UUID.` }]
    if (id === ownerId) return [{ field, detail: 'The owner already has access.' }]
    return known.has(id) ? [] : [{ field, detail: `"${id}" is not the ID of a user or group.` }]
  }
  // Entries of deleted users can still be removed.
  const given = (roles: Roles) => Object.keys(roles).filter((id) => roles[id] !== '')
  const validations = [
    ...given(userRoles).flatMap((id) => problemOf(id, 'user_roles')),
    ...given(groupRoles).flatMap((id) => problemOf(id, 'group_roles')),
  ]
  if (validations.length > 0) throw new ApiError(400, 'Invalid request to update the ACL.', { validations })
}
