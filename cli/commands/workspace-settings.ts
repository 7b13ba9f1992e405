// `coder favorite`, `unfavorite`, `autoupdate` and `rename`: small settings of one workspace.

import { addFavorite, removeFavorite } from '../../api/favorites.ts'
import { updateWorkspaceAutomaticUpdates } from '../../api/workspace-schedules.ts'
import { updateWorkspace } from '../../api/workspaces.ts'
import { requireWorkspace } from '../build.ts'
import { connect } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { requireName } from '../names.ts'
import { print } from '../output.ts'
import { confirm } from '../prompts.ts'

interface SureOptions extends GlobalOptions {
  readonly yes?: boolean
}

export async function favorite([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  await connection.client.call(addFavorite, { params: { workspace: id } })
  print(`${name} is a favorite.`)
}

export async function unfavorite([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  await connection.client.call(removeFavorite, { params: { workspace: id } })
  print(`${name} is no favorite any more.`)
}

export async function autoupdate([name = '', when = '']: readonly string[], options: GlobalOptions): Promise<void> {
  if (when !== 'always' && when !== 'never') throw new CommandError(`"${when}" is neither \`always\` nor \`never\`.`)
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  const outcome = when === 'always' ? 'starts on the active version' : 'stays on its version'
  const body = { automatic_updates: when } as const
  await connection.client.call(updateWorkspaceAutomaticUpdates, { params: { workspace: id }, body })
  print(`${name} ${outcome}.`)
}

export async function rename([name = '', newName = '']: readonly string[], options: SureOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  requireName('workspace', newName)
  await confirm(`Rename ${workspace.name} to ${newName}? What its template named after it may be made anew.`, {
    isSure: options.yes ?? false,
  })
  await connection.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name: newName } })
  print(`${workspace.name} is now ${newName}.`)
}
