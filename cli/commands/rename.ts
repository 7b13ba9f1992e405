// `coder rename`: another name for a workspace, where the deployment allows it.

import { updateWorkspace } from '../../api/workspaces.ts'
import { requireWorkspace } from '../build.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { print } from '../output.ts'
import { confirm } from '../prompts.ts'

export async function rename(
  [name = '', newName = '']: readonly string[],
  options: GlobalOptions & { yes?: boolean },
): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  await confirm(`Rename ${workspace.name} to ${newName}? What its template named after it may be made anew.`, {
    isSure: options.yes ?? false,
  })
  await connection.client.call(updateWorkspace, { params: { workspace: workspace.id }, body: { name: newName } })
  print(`${workspace.name} is now ${newName}.`)
}
