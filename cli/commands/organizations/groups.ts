// `coder groups`: lists the groups of an organization.

import { type Group, listGroupsOfOrganization } from '../../../api/organizations/groups.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'

const columns: ColumnValues<Group, 'groups'> = {
  name: ({ name }) => name,
  'display name': ({ display_name }) => display_name,
  'organization id': ({ organization_id }) => organization_id,
  members: ({ members }) => members.map(({ email }) => email).join(', '),
  'avatar url': ({ avatar_url }) => avatar_url,
}

export async function listGroupsCommand(
  _args: readonly string[],
  options: GlobalOptions & ListOptions<'groups'> & { org?: string },
): Promise<void> {
  const { client } = await connect(options)
  const organization = (await requireOrganization(client, options.org)).id
  const groups = await client.call(listGroupsOfOrganization, { params: { organization } })
  printList(columns, groups, options, { whenEmpty: 'No groups found.' })
}
