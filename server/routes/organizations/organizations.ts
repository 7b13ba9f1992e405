// Organizations. There is exactly one, the default.

import type { FastifyInstance } from 'fastify'
import type { MinimalOrganization } from '../../../api/deployment/audit.ts'
import { ApiError } from '../../../api/errors.ts'
import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  type Organization,
  updateOrganization,
} from '../../../api/organizations/organizations.ts'
import { type Actor, audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db, Tx } from '../../database/connect.ts'
import type { Row, RowChange } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { authorize, isPermitted } from '../../policy/policy.ts'

export function registerOrganizationRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listOrganizations, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    const rows = await db.selectFrom('organizations').selectAll().where('deleted', '=', false).orderBy('name').execute()
    const readable = ({ id }: Row<'organizations'>) =>
      isPermitted(request.principal, 'read', { resource: 'organization', id, organizationId: id })
    return rows.filter(readable).map(toOrganization)
  })

  serve(app, getOrganization, async (request) =>
    toOrganization(await requireOrganization(context, request, request.params.organization, 'read')),
  )

  serve(app, createOrganization, async (request) => {
    authorize(request, 'create', { resource: 'organization', organizationId: null })
    throw new ApiError(400, 'A local deployment has exactly one organization.', {
      detail: 'Use template permissions to separate users.',
    })
  })

  serve(app, updateOrganization, async (request) => {
    const before = await requireOrganization(context, request, request.params.organization, 'update')
    const { name, display_name, description, icon } = request.body
    const change = {
      ...(name != null && { name }),
      ...(display_name != null && { display_name }),
      ...(description != null && { description }),
      ...(icon != null && { icon }),
    }
    return toOrganization(await changeOrganization(db, request, before, change))
  })

  serve(app, deleteOrganization, async (request) => {
    await requireOrganization(context, request, request.params.organization, 'delete')
    throw new ApiError(400, 'Default organization cannot be deleted.')
  })
}

/** @param inTransaction further changes in the same transaction */
export async function changeOrganization(
  db: Db,
  actor: Actor,
  before: Row<'organizations'>,
  change: RowChange<'organizations'>,
  inTransaction: (tx: Tx) => Promise<unknown> = async () => undefined,
): Promise<Row<'organizations'>> {
  return await db.transaction().execute(async (tx) => {
    await inTransaction(tx)
    const after = await tx
      .updateTable('organizations')
      .set({ ...change, updated_at: new Date() })
      .where('id', '=', before.id)
      .returningAll()
      .executeTakeFirstOrThrow()
    const { id, name: target, icon } = before
    await audit(tx, actor, {
      action: 'write',
      resource: 'organization',
      id,
      target,
      icon,
      organizationId: id,
      before,
      after,
    })
    return after
  })
}

/** Organizations by ID, for log entries. */
export async function minimalOrganizations(
  db: Db,
  ids: readonly (string | null)[],
): Promise<ReadonlyMap<string, MinimalOrganization>> {
  const distinctIds = [...new Set(ids.filter((id) => id !== null))]
  if (distinctIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('organizations')
    .where('id', 'in', distinctIds)
    .select(['id', 'name', 'display_name', 'icon'])
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

export function toOrganization(row: Row<'organizations'>): Organization {
  return {
    id: row.id,
    name: row.name,
    display_name: row.display_name,
    icon: row.icon,
    description: row.description,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    is_default: row.is_default,
  }
}
