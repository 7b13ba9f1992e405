// `coder organizations`: the organizations of the deployment. A local one has one.

import { listOrganizations, type Organization } from '../../api/organizations.ts'
import { listOrganizationsOfUser } from '../../api/users.ts'
import { type Connection, connect, myOrganization } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, type ListOptions, print, printList } from '../output.ts'

const columns: readonly Column<Organization>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'display name', value: ({ display_name }) => display_name, isExtra: true },
  { title: 'icon', value: ({ icon }) => icon, isExtra: true },
  { title: 'description', value: ({ description }) => description, isExtra: true },
  { title: 'created at', value: ({ created_at }) => created_at, isExtra: true },
  { title: 'updated at', value: ({ updated_at }) => updated_at, isExtra: true },
  { title: 'default', value: ({ is_default }) => String(is_default) },
]

export async function listOrganizationsCommand(
  _args: readonly string[],
  options: GlobalOptions & ListOptions,
): Promise<void> {
  const { client } = await connect(options)
  printList(columns, await client.call(listOrganizations), options, { whenEmpty: 'No organizations found.' })
}

interface ShowOptions extends GlobalOptions, ListOptions {
  readonly onlyId?: boolean
  readonly org?: string
}

export async function showOrganization([name = 'selected']: readonly string[], options: ShowOptions): Promise<void> {
  const organizations = await choose(await connect(options), name, options.org)
  if (options.onlyId) return print(organizations.map(({ id }) => id).join('\n'))
  if (options.output !== 'text') return printList(columns, organizations, options, { whenEmpty: '' })
  for (const { id, name: known, is_default } of organizations)
    print(`${known} (${id})${is_default ? ', the default organization' : ''}`)
}

async function choose(
  { client }: Connection,
  name: string,
  selected: string | undefined,
): Promise<readonly Organization[]> {
  if (name === 'me') return client.call(listOrganizationsOfUser, { params: { user: 'me' } })
  if (name === 'selected') return [await myOrganization(client, selected)]
  const all = await client.call(listOrganizations)
  const found = all.filter(({ id, name: other }) => id === name || other === name)
  if (found.length > 0) return found
  throw new CommandError(`There is no organization ${name}.`, {
    detail: `Organizations: ${all.map((organization) => organization.name).join(', ')}`,
  })
}
