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

/** What the template named after the workspace may be made anew, and what was in it be lost: a yes is typed too easily. */
async function confirmRename(name: string): Promise<void> {
  note('What the template named after the workspace, a volume for instance, may be made anew: what is in it is lost.')
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
