// `coder favorite`, `unfavorite`, `autoupdate` and `rename`: small settings of one workspace.

import { addFavorite, removeFavorite } from '../../api/workspaces/favorites.ts'
import { updateWorkspaceAutomaticUpdates } from '../../api/workspaces/workspace-schedules.ts'
import { updateWorkspace } from '../../api/workspaces/workspaces.ts'
import { ask } from '../asking/prompts.ts'
import { requireWorkspace } from '../build.ts'
import { connect } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { requireName } from '../names.ts'
import { note, print } from '../output.ts'

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

/** What the template named after the workspace may be made anew, and what was in it be lost: a yes is typed too easily. */
async function confirmRename(name: string): Promise<void> {
  note('What the template named after the workspace, a volume for instance, may be made anew: what is in it is lost.')
  await ask(`Type "${name}" to rename it`, {
    flag: '--yes',
    refuse: (answer) => (answer === name ? undefined : `"${answer}" is not "${name}".`),
  })
}

export async function rename([name = '', newName = '']: readonly string[], options: SureOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  requireName('workspace', newName)
  if (!options.yes) await confirmRename(workspace.name)
  await connection.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name: newName } })
  print(`${workspace.name} is now ${newName}.`)
}
