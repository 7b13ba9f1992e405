// `coder organizations members`: manages the members of an organization and their roles.

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
  print(`Added ${user} to ${organizationName}.`)
}

export async function removeMemberCommand([user = '']: readonly string[], options: OrganizationOptions): Promise<void> {
  const { client, organization, organizationName } = await connectToOrganization(options)
  await client.call(removeMember, { params: { organization, user } })
  print(`Removed ${user} from ${organizationName}.`)
}

export async function editMemberRoles(
  [user = '', ...roles]: readonly string[],
  options: OrganizationOptions,
): Promise<void> {
  const { client, organization, organizationName } = await connectToOrganization(options)
  const existingRoles = (await client.call(listOrganizationRoles, { params: { organization } })).map(({ name }) => name)
  const unknown = roles.find((role) => !existingRoles.includes(role))
  if (unknown) throw new CommandError(`Role ${unknown} not found.`, { detail: `Roles: ${existingRoles.join(', ')}` })
  const { roles: updated } = await client.call(updateMemberRoles, { params: { organization, user }, body: { roles } })
  print(`Roles of ${user} in ${organizationName}: ${updated.map(({ name }) => name).join(', ') || 'member'}.`)
}
