// Groups: for each organization the one of everybody, whose id is the organization's.

import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../api/errors.ts'
import {
  createGroup,
  deleteGroup,
  type Group,
  getGroup,
  getGroupByName,
  listGroups,
  listGroupsOfOrganization,
  updateGroup,
} from '../../api/groups.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { serve } from '../door/serve.ts'
import { findUser, requireOrganization } from '../load.ts'
import { toReducedUser } from '../people/reduced-user.ts'
import { type Asker, authorize, can, type Subject } from '../policy/policy.ts'
import { unknownSubject } from '../policy/subjects.ts'

const everyone = 'Everyone'

export function registerGroupRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listGroups, async (request) => {
    authorize(request, 'list', { resource: 'group' })
    const { organization, has_member: member, group_ids: ids } = request.query
    const wanted = ids?.split(',').filter(Boolean)
    const user = member ? await findUser(db, request.principal, member) : undefined
    const rows = await db
      .selectFrom('organizations')
      .selectAll()
      .where('deleted', '=', false)
      .$if(user !== undefined, (query) =>
        query.where('id', 'in', (eb) =>
          eb
            .selectFrom('organization_members')
            .select('organization_id')
            .where('user_id', '=', user?.id ?? ''),
        ),
      )
      .execute()
    if (member && !user) return []
    const shown = rows.filter(
      (row) =>
        can(request.principal, 'read', groupSubject(row.id)) &&
        (!organization || [row.id, row.name, row.is_default ? 'default' : ''].includes(organization)) &&
        (!wanted?.length || wanted.includes(row.id)),
    )
    return await Promise.all(shown.map((row) => loadGroup(db, row)))
  })

  serve(app, listGroupsOfOrganization, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', groupSubject(organization.id))
    return can(request.principal, 'read', groupSubject(organization.id)) ? [await loadGroup(db, organization)] : []
  })

  serve(app, getGroupByName, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', groupSubject(organization.id))
    if (request.params.groupname !== everyone) throw notFound()
    return await loadGroup(db, organization)
  })

  const requireGroup = async (request: Asker, id: string, action: 'read' | 'update' | 'delete') => {
    const organization = await db
      .selectFrom('organizations')
      .selectAll()
      .where('id', '=', id)
      .where('deleted', '=', false)
      .executeTakeFirst()
    authorize(request, action, organization ? groupSubject(organization.id) : unknownSubject('group'))
    if (!organization) throw notFound()
    return organization
  }

  serve(app, getGroup, async (request) => loadGroup(db, await requireGroup(request, request.params.group, 'read')))

  serve(app, createGroup, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', groupSubject(organization.id))
    throw new ApiError(400, 'This deployment has one group, of everybody.', {
      detail: 'Name users in the permissions of a template or a workspace instead.',
    })
  })

  serve(app, updateGroup, async (request) => {
    await requireGroup(request, request.params.group, 'update')
    throw new ApiError(400, `The group "${everyone}" is of all members and stays as it is.`, {
      detail: 'Whoever is added to or removed from the organization is in it or not.',
    })
  })

  serve(app, deleteGroup, async (request) => {
    await requireGroup(request, request.params.group, 'delete')
    throw new ApiError(400, `The group "${everyone}" cannot be deleted.`)
  })
}

const groupSubject = (organizationId: string): Subject => ({ resource: 'group', id: organizationId, organizationId })

async function loadGroup(db: Db, organization: Row<'organizations'>): Promise<Group> {
  const members = await db
    .selectFrom('users')
    .innerJoin('organization_members as member', 'member.user_id', 'users.id')
    .where('member.organization_id', '=', organization.id)
    .where('users.deleted', '=', false)
    .selectAll('users')
    .orderBy('users.username')
    .execute()
  return {
    id: organization.id,
    name: everyone,
    display_name: '',
    organization_id: organization.id,
    organization_name: organization.name,
    organization_display_name: organization.display_name,
    members: members.map(toReducedUser),
    total_member_count: members.length,
    avatar_url: '',
    quota_allowance: 0,
    source: 'user',
  }
}
