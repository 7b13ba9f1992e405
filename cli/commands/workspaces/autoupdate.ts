// `coder autoupdate`: whether a workspace starts on the active template version.

import { updateWorkspaceAutomaticUpdates } from '../../../api/workspaces/workspace-schedules.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

export async function autoupdate([name = '', when = '']: readonly string[], options: GlobalOptions): Promise<void> {
  if (when !== 'always' && when !== 'never') throw new CommandError(`"${when}" is neither \`always\` nor \`never\`.`)
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  const outcome = when === 'always' ? 'starts on the active version' : 'stays on its version'
  const body = { automatic_updates: when } as const
  await connection.client.call(updateWorkspaceAutomaticUpdates, { params: { workspace: id }, body })
  print(`${name} ${outcome}.`)
}
