// `coder whoami`: who the next command will act as, and where.

import { getUser } from '../../api/users.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { print, printJson } from '../output.ts'

export async function whoami(_args: readonly string[], options: GlobalOptions & { output: string }): Promise<void> {
  const { client, url } = await connect(options)
  const user = await client.call(getUser, { params: { user: 'me' } })
  if (options.output === 'json') return printJson({ url, username: user.username, id: user.id, email: user.email })
  print(`${user.username} at ${url}`)
}
