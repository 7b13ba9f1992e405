// `coder favorite` and `coder unfavorite`.

import { addFavorite, removeFavorite } from '../../../api/workspaces/favorites.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { print } from '../../output/print.ts'

export async function favorite([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  await connection.client.call(addFavorite, { params: { workspace: id } })
  print(`${name} is now a favorite.`)
}

export async function unfavorite([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  await connection.client.call(removeFavorite, { params: { workspace: id } })
  print(`${name} is no longer a favorite.`)
}
