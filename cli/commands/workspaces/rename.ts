// `coder rename`.

import { updateWorkspace } from '../../../api/workspaces/workspaces.ts'
import { requireValidName } from '../../arguments/names.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { note, print } from '../../output/print.ts'
import { promptText } from '../../prompts/prompts.ts'

interface RenameOptions extends GlobalOptions {
  readonly yes?: boolean
}

/** Requires typing the name: the rename can destroy data. */
async function confirmRename(name: string): Promise<void> {
  note('Resources named after the workspace, such as volumes, may be replaced, and their data lost.')
  await promptText(`Type "${name}" to rename it`, {
    flag: '--yes',
    validate: (answer) => (answer === name ? undefined : `"${answer}" is not "${name}".`),
  })
}

export async function rename([name = '', newName = '']: readonly string[], options: RenameOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  requireValidName('workspace', newName)
  if (!options.yes) await confirmRename(workspace.name)
  await connection.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name: newName } })
  print(`${workspace.name} is now ${newName}.`)
}
