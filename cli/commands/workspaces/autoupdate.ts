// `coder autoupdate`: whether a workspace starts on the active template version.

import { updateWorkspaceAutomaticUpdates } from '../../../api/workspaces/workspace-schedules.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

export async function autoupdate([name = '', policy = '']: readonly string[], options: GlobalOptions): Promise<void> {
  if (policy !== 'always' && policy !== 'never')
    throw new CommandError(`"${policy}" is not a policy.`, { hint: 'use `always` or `never`.' })
  const connection = await connect(options)
  const { id } = await requireWorkspace(connection, name)
  const body = { automatic_updates: policy } as const
  await connection.client.call(updateWorkspaceAutomaticUpdates, { params: { workspace: id }, body })
  print(
    policy === 'always'
      ? `${name} now updates to the active version at each start.`
      : `${name} now keeps its template version.`,
  )
}
