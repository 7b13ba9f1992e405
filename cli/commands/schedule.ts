// `coder schedule`: when workspaces start and stop by themselves.

import { listWorkspaces, type Workspace } from '../../api/workspaces.ts'
import { requireWorkspace } from '../build.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { chooseColumns, type ListOptions, printList } from '../output.ts'
import { scheduleColumns } from '../workspace-columns.ts'

interface ShowOptions extends GlobalOptions, ListOptions {
  readonly all?: boolean
  readonly search: string
}

export async function showSchedules([name]: readonly string[], options: ShowOptions): Promise<void> {
  chooseColumns(scheduleColumns, options.column)
  const connection = await connect(options)
  const query = { q: options.all ? '' : options.search }
  const workspaces: readonly Workspace[] = name
    ? [await requireWorkspace(connection, name)]
    : (await connection.client.call(listWorkspaces, { query })).workspaces
  printList(scheduleColumns, workspaces, options, { whenEmpty: 'No workspaces found. `coder create` makes one.' })
}
