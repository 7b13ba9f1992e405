// `coder groups`: the groups of an organization.

import { type Group, listGroupsOfOrganization } from '../../api/groups.ts'
import { connect, myOrganization } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, type ListOptions, printList } from '../output.ts'

const columns: readonly Column<Group>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'display name', value: ({ display_name }) => display_name },
  { title: 'organization id', value: ({ organization_id }) => organization_id },
  { title: 'members', value: ({ members }) => members.map(({ email }) => email).join(', ') },
  { title: 'avatar url', value: ({ avatar_url }) => avatar_url },
]

export async function listGroupsCommand(
  _args: readonly string[],
  options: GlobalOptions & ListOptions & { org?: string },
): Promise<void> {
  const { client } = await connect(options)
  const organization = (await myOrganization(client, options.org)).id
  const groups = await client.call(listGroupsOfOrganization, { params: { organization } })
  printList(columns, groups, options, { whenEmpty: 'No groups found.' })
}
