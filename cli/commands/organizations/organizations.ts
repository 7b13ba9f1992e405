// `coder organizations`: lists and shows the organizations of the deployment.

import { listOrganizationsOfUser } from '../../../api/account/users.ts'
import { listOrganizations, type Organization } from '../../../api/organizations/organizations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { CommandError } from '../../output/errors.ts'
import { formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'

const columns: ColumnValues<Organization, 'organizations'> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  'display name': ({ display_name }) => display_name,
  icon: ({ icon }) => icon,
  description: ({ description }) => description,
  'created at': ({ created_at }) => formatTime(created_at),
  'updated at': ({ updated_at }) => formatTime(updated_at),
  default: ({ is_default }) => String(is_default),
}

export async function listOrganizationsCommand(
  _args: readonly string[],
  options: GlobalOptions & ListOptions<'organizations'>,
): Promise<void> {
  const { client } = await connect(options)
  printList(columns, await client.call(listOrganizations), options, { whenEmpty: 'No organizations found.' })
}

interface ShowOptions extends GlobalOptions, ListOptions<'organizations'> {
  readonly onlyId?: boolean
  readonly org?: string
}

export async function showOrganization([name = 'selected']: readonly string[], options: ShowOptions): Promise<void> {
  const organizations = await findOrganizations(await connect(options), name, options.org)
  if (options.onlyId) return print(organizations.map(({ id }) => id).join('\n'))
  if (options.output !== 'text') return printList(columns, organizations, options, { whenEmpty: '' })
  for (const { id, name: organizationName, is_default } of organizations)
    print(`${organizationName} (${id})${is_default ? ', the default organization' : ''}`)
}

async function findOrganizations(
  { client }: Connection,
  name: string,
  selected: string | undefined,
): Promise<readonly Organization[]> {
  if (name === 'me') return client.call(listOrganizationsOfUser, { params: { user: 'me' } })
  if (name === 'selected') return [await requireOrganization(client, selected)]
  const all = await client.call(listOrganizations)
  const found = all.filter(({ id, name: other }) => id === name || other === name)
  if (found.length > 0) return found
  throw new CommandError(`Organization ${name} not found.`, {
    detail: `Organizations: ${all.map((organization) => organization.name).join(', ')}`,
  })
}
