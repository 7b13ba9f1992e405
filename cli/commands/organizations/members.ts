// `coder organizations members` and `roles`: who belongs to an organization, and as what.

import {
  addMember,
  listMembers,
  listOrganizationRoles,
  type OrganizationMemberWithUser,
  removeMember,
  updateMemberRoles,
} from '../../../api/organizations/members.ts'
import { connectToOrganization, type OrganizationOptions } from '../../lookup/find-organization.ts'
import { CommandError } from '../../output/errors.ts'
import { formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'

const memberColumns: ColumnValues<OrganizationMemberWithUser, 'members'> = {
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
  options: OrganizationOptions & ListOptions<'members'>,
): Promise<void> {
  const { client, organization } = await connectToOrganization(options)
  const members = await client.call(listMembers, { params: { organization } })
  const rows = sortedBy(members, memberColumns.username)
  printList(memberColumns, rows, options, { json: members, whenEmpty: 'No members found.' })
}

export async function addMemberCommand([user = '']: readonly string[], options: OrganizationOptions): Promise<void> {
  const { client, organization, organizationName } = await connectToOrganization(options)
  await client.call(addMember, { params: { organization, user } })
  print(`${user} is a member of ${organizationName}.`)
}

export async function removeMemberCommand([user = '']: readonly string[], options: OrganizationOptions): Promise<void> {
  const { client, organization, organizationName } = await connectToOrganization(options)
  await client.call(removeMember, { params: { organization, user } })
  print(`${user} is no member of ${organizationName} any more.`)
}

export async function editMemberRoles(
  [user = '', ...roles]: readonly string[],
  options: OrganizationOptions,
): Promise<void> {
  const { client, organization, organizationName } = await connectToOrganization(options)
  const known = (await client.call(listOrganizationRoles, { params: { organization } })).map(({ name }) => name)
  const unknown = roles.find((role) => !known.includes(role))
  if (unknown) throw new CommandError(`There is no role ${unknown}.`, { detail: `Roles: ${known.join(', ')}` })
  const { roles: now } = await client.call(updateMemberRoles, { params: { organization, user }, body: { roles } })
  print(`${user} has in ${organizationName} the roles: ${now.map(({ name }) => name).join(', ') || 'member'}.`)
}
