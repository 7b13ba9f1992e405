// `coder organizations members` and `roles`: who belongs to an organization, and as what.

import {
  addMember,
  listMembers,
  listOrganizationRoles,
  type OrganizationMemberWithUser,
  removeMember,
  updateMemberRoles,
} from '../../api/organizations/members.ts'
import type { AssignableRole } from '../../api/organizations/roles.ts'
import { type Connection, connect, myOrganization } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Cells, formatTime, type ListOptions, print, printList, sortedBy } from '../output.ts'

interface InOrganization extends GlobalOptions {
  readonly org?: string
}

async function enter(
  options: InOrganization,
): Promise<Connection & { organization: string; organizationName: string }> {
  const connection = await connect(options)
  const { id, name } = await myOrganization(connection.client, options.org)
  return { ...connection, organization: id, organizationName: name }
}

const memberColumns: Cells<OrganizationMemberWithUser, 'members'> = {
  username: ({ username }) => username,
  name: ({ name }) => name ?? '',
  'user id': ({ user_id }) => user_id,
  'organization id': ({ organization_id }) => organization_id,
  'created at': ({ created_at }) => formatTime(created_at),
  'updated at': ({ updated_at }) => formatTime(updated_at),
  'organization roles': ({ roles }) => `[${roles.map(({ display_name, name }) => display_name || name).join(', ')}]`,
}

export async function listMembersCommand(
  _args: readonly string[],
  options: InOrganization & ListOptions<'members'>,
): Promise<void> {
  const { client, organization } = await enter(options)
  const members = await client.call(listMembers, { params: { organization } })
  const rows = sortedBy(members, memberColumns.username)
  printList(memberColumns, rows, options, { json: members, whenEmpty: 'No members found.' })
}

export async function addMemberCommand([user = '']: readonly string[], options: InOrganization): Promise<void> {
  const { client, organization, organizationName } = await enter(options)
  await client.call(addMember, { params: { organization, user } })
  print(`${user} is a member of ${organizationName}.`)
}

export async function removeMemberCommand([user = '']: readonly string[], options: InOrganization): Promise<void> {
  const { client, organization, organizationName } = await enter(options)
  await client.call(removeMember, { params: { organization, user } })
  print(`${user} is no member of ${organizationName} any more.`)
}

export async function editMemberRoles(
  [user = '', ...roles]: readonly string[],
  options: InOrganization,
): Promise<void> {
  const { client, organization, organizationName } = await enter(options)
  const known = (await client.call(listOrganizationRoles, { params: { organization } })).map(({ name }) => name)
  const unknown = roles.find((role) => !known.includes(role))
  if (unknown) throw new CommandError(`There is no role ${unknown}.`, { detail: `Roles: ${known.join(', ')}` })
  const { roles: now } = await client.call(updateMemberRoles, { params: { organization, user }, body: { roles } })
  print(`${user} has in ${organizationName} the roles: ${now.map(({ name }) => name).join(', ') || 'member'}.`)
}

type Permissions = AssignableRole['site_permissions']
const count = (permissions: Permissions) => `${permissions.length} permissions`

/** Of a role that is there, or one that is being made. */
export type ListedRole = Omit<AssignableRole, 'assignable' | 'built_in'>

export const roleColumns: Cells<ListedRole, 'roles'> = {
  name: ({ name }) => name,
  'display name': ({ display_name }) => display_name,
  'organization id': ({ organization_id }) => organization_id ?? '',
  'site permissions': ({ site_permissions }) => count(site_permissions),
  'organization permissions': ({ organization_permissions }) => count(organization_permissions),
  'user permissions': ({ user_permissions }) => count(user_permissions),
}

export async function showRoles(
  names: readonly string[],
  options: InOrganization & ListOptions<'roles'>,
): Promise<void> {
  const { client, organization } = await enter(options)
  const roles = await client.call(listOrganizationRoles, { params: { organization } })
  const wanted = roles.filter(({ name }) => names.length === 0 || names.includes(name))
  const rows = sortedBy(wanted, roleColumns.name)
  printList(roleColumns, rows, options, { json: wanted, whenEmpty: 'No roles of such names.' })
}
