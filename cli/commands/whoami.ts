// `coder whoami`: who the next command will act as, and where.

import { getUser, type User } from '../../api/users.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, chooseColumns, formatTable, print, printJson } from '../output.ts'

interface Who {
  readonly url: string
  readonly user: User
}

const columns: readonly Column<Who>[] = [
  { title: 'url', value: ({ url }) => url },
  { title: 'username', value: ({ user }) => user.username },
  { title: 'id', value: ({ user }) => user.id },
  { title: 'orgs', value: ({ user }) => user.organization_ids.join(', '), isExtra: true },
  { title: 'roles', value: ({ user }) => user.roles.map(({ name }) => name).join(', '), isExtra: true },
]

export async function whoami(
  _args: readonly string[],
  options: GlobalOptions & { output: string; column?: string },
): Promise<void> {
  const chosen = chooseColumns(columns, options.column)
  const { client, url } = await connect(options)
  const user = await client.call(getUser, { params: { user: 'me' } })
  if (options.output === 'json') printJson({ url, username: user.username, id: user.id, email: user.email })
  else if (options.output === 'table') print(formatTable(chosen, [{ url, user }]))
  else print(`${user.username} at ${url}`)
}
