// `coder whoami`: the deployment and the user that commands act as.

import { getUser, type User } from '../../../api/account/users.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { print, printJson } from '../../output/print.ts'
import { type ColumnValues, formatTable, type ListOptions, selectColumns } from '../../output/tables.ts'

interface SignedInUser {
  readonly url: string
  readonly user: User
}

const columns: ColumnValues<SignedInUser, 'whoami'> = {
  url: ({ url }) => url,
  username: ({ user }) => user.username,
  id: ({ user }) => user.id,
  orgs: ({ user }) => user.organization_ids.join(','),
  roles: ({ user }) =>
    Object.entries(rolesOf(user))
      .map(([scope, names]) => `${scope}:${names.join(',')}`)
      .join(' '),
}

/** Role names by organization id; `*` for site-wide roles. */
function rolesOf({ roles }: User): Record<string, string[]> {
  const grouped = Map.groupBy(roles, ({ organization_id }) => organization_id || '*')
  return Object.fromEntries(
    [...grouped].map(([scope, own]) => [scope, own.map(({ name, display_name }) => display_name || name)]),
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
