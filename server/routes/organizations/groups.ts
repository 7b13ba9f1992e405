// Groups of organization members, which templates and workspaces can grant access to. The Everyone group has the
// organization's ID and a fixed name and membership.

import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { ApiError, notFound, validationFailed } from '../../../api/errors.ts'
import {
  createGroup,
  deleteGroup,
  type Group,
  getGroup,
  getGroupByName,
  listGroups,
  listGroupsOfOrganization,
  updateGroup,
} from '../../../api/organizations/groups.ts'
import { isUuid } from '../../../lib/uuid.ts'
import { type AuditEntry, audit, auditFailures } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { type Db, isUniqueViolation, type Tx } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { findUser, requireOrganization } from '../../lookup/users.ts'
import { groupObject, unknownObject } from '../../policy/objects.ts'
import { type AuthzContext, authorize, isPermitted, type Principal } from '../../policy/policy.ts'
import { type LoadedGroup, loadGroups } from '../../users/load-groups.ts'

export function registerGroupRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listGroups, async (request) => {
    authorize(request, 'list', { resource: 'group' })
    const { organization, has_member: member, group_ids: ids } = request.query
    const requestedIds = ids?.split(',').filter(Boolean)
    const user = member ? await findUser(db, request.principal, member) : undefined
    if (member && !user) return []
    const groups = (await loadGroups(db, requestedIds?.length ? { ids: requestedIds.filter(isUuid) } : {})).filter(
      (group) =>
        (!organization || isOrganization(group, organization)) &&
        (!user || group.members.some(({ id }) => id === user.id)),
    )
    return filterReadable(request.principal, groups)
  })

  serve(app, listGroupsOfOrganization, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', groupObject(organization.id, organization.id))
    return filterReadable(request.principal, await loadGroups(db, { organizationId: organization.id }))
  })

  serve(app, getGroupByName, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    const row = await db
      .selectFrom('groups')
      .select('id')
      .where('organization_id', '=', organization.id)
      .where((eb) => eb(eb.fn('lower', ['name']), '=', request.params.groupname.toLowerCase()))
      .executeTakeFirst()
    authorize(request, 'read', groupObject(row?.id, organization.id))
    if (!row) throw notFound()
    return await show(request.principal, row.id)
  })

  serve(app, getGroup, async (request) => {
    const group = await requireGroup(request, request.params.group, 'read')
    return await show(request.principal, group.id)
  })

  serve(app, createGroup, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', groupObject(undefined, organization.id))
    const { name = '', display_name, avatar_url, quota_allowance } = request.body
    const id = await db.transaction().execute(async (tx) => {
      const { id } = await withUniqueName(name ?? '', () =>
        tx
          .insertInto('groups')
          .values({
            organization_id: organization.id,
            name: name ?? '',
            display_name: display_name ?? '',
            avatar_url: avatar_url ?? '',
            quota_allowance: quota_allowance ?? 0,
          })
          .returning('id')
          .executeTakeFirstOrThrow(),
      )
      await audit(tx, request, {
        ...auditEntry('create', id, name ?? '', organization.id),
        after: await loadAuditedFields(tx, id),
        status: 201,
      })
      return id
    })
    return await show(request.principal, id)
  })

  serve(app, updateGroup, async (request) => {
    const group = await requireGroup(request, request.params.group, 'update')
    const { name, display_name, avatar_url, quota_allowance } = request.body
    const [added, removed] = [request.body.add_users ?? [], request.body.remove_users ?? []]
    const entry = auditEntry('write', group.id, group.name, group.organization_id)
    await auditFailures(context, request, entry, async () => {
      if (isEveryoneGroup(group)) requireUnchanged(group, { name, added, removed })
      else if (name === everyoneName)
        throw validationFailed([{ field: 'name', detail: `"${everyoneName}" is a reserved name.` }])
      await db.transaction().execute(async (tx) => {
        const before = await loadAuditedFields(tx, group.id)
        await withUniqueName(name ?? group.name, () =>
          tx
            .updateTable('groups')
            .set({
              ...(name ? { name } : {}),
              ...(display_name != null && { display_name }),
              ...(avatar_url != null && { avatar_url }),
              ...(quota_allowance != null && { quota_allowance }),
              updated_at: new Date(),
            })
            .where('id', '=', group.id)
            .execute(),
        )
        await addMembers(tx, group, await requireMembers(tx, group, added))
        await removeMembers(tx, group.id, removed)
        await audit(tx, request, { ...entry, before, after: await loadAuditedFields(tx, group.id) })
      })
    })
    context.sessions.evict()
    return await show(request.principal, group.id)
  })

  serve(app, deleteGroup, async (request) => {
    const group = await requireGroup(request, request.params.group, 'delete')
    if (isEveryoneGroup(group))
      throw new ApiError(
        400,
        `The group "${group.name}" contains all members of the organization and cannot be deleted.`,
      )
    const deletedGroup = await show(request.principal, group.id)
    await db.transaction().execute(async (tx) => {
      const before = await loadAuditedFields(tx, group.id)
      for (const table of ['templates', 'workspaces'] as const)
        await sql`update ${sql.table(table)} set group_acl = group_acl - ${group.id}::text
          where group_acl ? ${group.id}::text`.execute(tx)
      await tx.deleteFrom('groups').where('id', '=', group.id).execute()
      await audit(tx, request, { ...auditEntry('delete', group.id, group.name, group.organization_id), before })
    })
    context.sessions.evict()
    return deletedGroup
  })

  async function requireGroup(request: AuthzContext, id: string, action: 'read' | 'update' | 'delete') {
    const group = await db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst()
    authorize(request, action, group ? groupObject(group.id, group.organization_id) : unknownObject('group'))
    if (!group) throw notFound()
    return group
  }

  async function show(principal: Principal, id: string): Promise<Group> {
    const [group] = await loadGroups(db, { ids: [id] })
    if (!group) throw notFound()
    return withVisibleMembers(principal, group)
  }
}

const everyoneName = 'Everyone'
const isEveryoneGroup = ({ id, organization_id }: Row<'groups'>) => id === organization_id

const isOrganization = ({ organization_id, organization_name }: Group, name: string) =>
  [organization_id, organization_name.toLowerCase()].includes(name.toLowerCase()) || name === 'default'

const filterReadable = (principal: Principal, groups: readonly LoadedGroup[]): Group[] =>
  groups
    .filter(({ id, organization_id }) => isPermitted(principal, 'read', groupObject(id, organization_id)))
    .map((group) => withVisibleMembers(principal, group))

/** Callers without permission to read the members receive only themselves. */
function withVisibleMembers(principal: Principal, group: LoadedGroup): Group {
  const canRead = (id: string) =>
    id === principal.userId ||
    isPermitted(principal, 'read', { resource: 'group_member', id, organizationId: group.organization_id })
  return { ...group, members: group.members.filter(({ id }) => canRead(id)) }
}

/** The group's fields in the audit log. */
async function loadAuditedFields(tx: Tx, id: string): Promise<Readonly<Record<string, unknown>>> {
  const [group] = await loadGroups(tx, { ids: [id] })
  return group
    ? {
        name: group.name,
        display_name: group.display_name,
        avatar_url: group.avatar_url,
        quota_allowance: group.quota_allowance,
        members: group.members.map(({ username }) => username),
      }
    : {}
}

const auditEntry = (
  action: 'create' | 'write' | 'delete',
  id: string,
  target: string,
  organizationId: string,
): AuditEntry<'group'> => ({ action, resource: 'group', id, target, organizationId })

/** @throws ApiError 409 if the name is taken */
async function withUniqueName<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new ApiError(409, `A group named "${name}" already exists.`, {
      validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
    })
  }
}

/** @throws ApiError 400 if the Everyone group would be renamed or its members changed */
function requireUnchanged(
  group: Row<'groups'>,
  { name, added, removed }: { name: string | null | undefined; added: readonly string[]; removed: readonly string[] },
): void {
  if (name && name !== group.name) throw new ApiError(400, `The group "${group.name}" cannot be renamed.`)
  if (added.length === 0 && removed.length === 0) return
  throw new ApiError(400, `The group "${group.name}" contains all members of the organization.`, {
    detail: 'Its members change with the members of the organization.',
  })
}

/** @returns the IDs. @throws ApiError 400 for IDs that are not members of the organization */
async function requireMembers(tx: Db, group: Row<'groups'>, ids: readonly string[]): Promise<string[]> {
  const distinctIds = [...new Set(ids)]
  const validIds = distinctIds.filter(isUuid)
  const rows =
    validIds.length === 0
      ? []
      : await tx
          .selectFrom('organization_members as member')
          .innerJoin('users', 'users.id', 'member.user_id')
          .where('member.organization_id', '=', group.organization_id)
          .where('users.deleted', '=', false)
          .where('users.id', 'in', validIds)
          .select('users.id')
          .execute()
  const memberIds = new Set(rows.map(({ id }) => id))
  const nonMembers = distinctIds.filter((id) => !memberIds.has(id.toLowerCase()))
  if (nonMembers.length === 0) return [...memberIds]
  throw validationFailed(
    nonMembers.map((id) => ({ field: 'add_users', detail: `"${id}" is not the ID of a member of the organization.` })),
  )
}

async function addMembers(tx: Tx, { id }: Row<'groups'>, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return
  await tx
    .insertInto('group_members')
    .values(userIds.map((user_id) => ({ group_id: id, user_id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Ignores IDs that are not members. */
async function removeMembers(tx: Tx, groupId: string, ids: readonly string[]): Promise<void> {
  const validIds = ids.filter(isUuid)
  if (validIds.length === 0) return
  await tx.deleteFrom('group_members').where('group_id', '=', groupId).where('user_id', 'in', validIds).execute()
}
