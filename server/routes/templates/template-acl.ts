// Access list of a template: users and groups with permission to use or administer it, besides the permissions of roles.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { ApiError } from '../../../api/errors.ts'
import {
  getTemplateAcl,
  listTemplateAclAvailable,
  type TemplateUser,
  type UpdateTemplateACL,
  updateTemplateAcl,
} from '../../../api/templates/templates.ts'
import { audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import type { Db, Tx } from '../../database/connect.ts'
import { serve } from '../../http/serve.ts'
import { requireTemplate } from '../../lookup/templates.ts'
import { auditedTemplate } from '../../templates/audited-template.ts'
import { applyRoles, validateGroupIds, validateUserIds } from '../../users/acl-changes.ts'
import { loadGroups } from '../../users/load-groups.ts'
import { toReducedUser } from '../../users/reduced-user.ts'
import { usersById } from '../../users/to-user.ts'
import { loadSharedGroups } from '../../workspaces/load-sharing.ts'

type Roles = NonNullable<UpdateTemplateACL['user_perms']>

export function registerTemplateAclRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events } = context

  serve(app, getTemplateAcl, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'read')
    const [users, group] = await Promise.all([
      loadListedUsers(db, template.user_acl),
      loadSharedGroups(db, template.group_acl),
    ])
    return { users, group }
  })

  serve(app, updateTemplateAcl, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const [userPerms, groupPerms] = [request.body.user_perms ?? {}, request.body.group_perms ?? {}]
    await requireKnownIds(db, userPerms, groupPerms)
    const entry = { ...auditedTemplate(template), action: 'write' } as const
    const change = async (tx: Tx) => {
      const before = await tx
        .selectFrom('templates')
        .selectAll()
        .where('id', '=', template.id)
        .forUpdate()
        .executeTakeFirstOrThrow()
      const after = await tx
        .updateTable('templates')
        .set({
          user_acl: JSON.stringify(applyRoles(before.user_acl, userPerms)),
          group_acl: JSON.stringify(applyRoles(before.group_acl, groupPerms)),
          updated_at: new Date(),
        })
        .where('id', '=', template.id)
        .returningAll()
        .executeTakeFirstOrThrow()
      await audit(tx, request, { ...entry, before, after })
      await events.publish(tx, { type: 'template', template_id: template.id })
    }
    await auditFailures(context, request, entry, () => db.transaction().execute(change))
    return { message: 'Successfully updated template ACL list.' }
  })

  serve(app, listTemplateAclAvailable, async (request) => {
    const template = await requireTemplate(context, request, request.params.template, 'update')
    const { q = '', limit = 0, offset = 0 } = request.query
    const [users, groups] = await Promise.all([
      findUsers(db, q.toLowerCase(), limit, offset),
      loadGroups(db, { organizationId: template.organization_id }),
    ])
    return { users, groups }
  })
}

/** Omits deleted users. */
async function loadListedUsers(db: Db, acl: Readonly<Record<string, string>>): Promise<TemplateUser[]> {
  const ids = Object.keys(acl)
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where('id', 'in', ids)
    .where('deleted', '=', false)
    .orderBy('username')
    .execute()
  const users = await usersById(
    db,
    rows.map(({ id }) => id),
  )
  return rows.flatMap(({ id }) => {
    const user = users.get(id)
    return user ? [{ ...user, role: acl[id] as TemplateUser['role'] }] : []
  })
}

async function findUsers(db: Db, part: string, limit: number, offset: number) {
  const users = await db
    .selectFrom('users')
    .selectAll()
    .where('deleted', '=', false)
    .where('status', '!=', 'suspended')
    .$if(part !== '', (query) =>
      query.where(sql<boolean>`strpos(lower(username), ${part}) > 0 or strpos(lower(email), ${part}) > 0`),
    )
    .orderBy(sql`lower(username)`)
    .$if(limit > 0, (query) => query.limit(limit))
    .offset(offset)
    .execute()
  return users.map(toReducedUser)
}

/** @throws ApiError 400 with each unknown ID */
async function requireKnownIds(db: Db, userPerms: Roles, groupPerms: Roles): Promise<void> {
  const validations = [
    ...(await validateUserIds(db, userPerms, 'user_perms')),
    ...(await validateGroupIds(db, groupPerms, 'group_perms')),
  ]
  if (validations.length > 0) throw new ApiError(400, 'Invalid request to update template ACL!', { validations })
}
