// `coder whoami`: who the next command will act as, and where.

import { getUser, type User } from '../../../api/account/users.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { print, printJson } from '../../output/print.ts'
import { type ColumnValues, formatTable, type ListOptions, selectColumns } from '../../output/tables.ts'

interface Who {
  readonly url: string
  readonly user: User
}

const columns: ColumnValues<Who, 'whoami'> = {
  url: ({ url }) => url,
  username: ({ user }) => user.username,
  id: ({ user }) => user.id,
  orgs: ({ user }) => user.organization_ids.join(','),
  roles: ({ user }) =>
    Object.entries(rolesOf(user))
      .map(([where, names]) => `${where}:${names.join(',')}`)
      .join(' '),
}

/** By the organization they are for; `*` for those of the deployment. */
function rolesOf({ roles }: User): Record<string, string[]> {
  const grouped = Map.groupBy(roles, ({ organization_id }) => organization_id || '*')
  return Object.fromEntries(
    [...grouped].map(([where, its]) => [where, its.map(({ name, display_name }) => display_name || name)]),
  )
}

export async function whoami(_args: readonly string[], options: GlobalOptions & ListOptions<'whoami'>): Promise<void> {
  const { client, url } = await connect(options)
  const user = await client.call(getUser, { params: { user: 'me' } })
  if (options.output === 'json')
    printJson([
      {
        url,
        username: user.username,
        user_id: user.id,
        organization_ids: user.organization_ids,
        roles: rolesOf(user),
      },
    ])
  else if (options.output === 'table') print(formatTable(selectColumns(columns, options.column), [{ url, user }]))
  else print(`${user.username} at ${url}`)
}
