// `coder list`: workspaces as a table or as JSON.

import { listWorkspaces } from '../../api/workspaces.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { chooseColumns, type ListOptions, printList } from '../output.ts'
import { workspaceColumns } from '../workspace-columns.ts'

interface Options extends GlobalOptions, ListOptions {
  readonly all?: boolean
  readonly search: string
}

export async function list(_args: readonly string[], options: Options): Promise<void> {
  chooseColumns(workspaceColumns, options.column)
  const { client } = await connect(options)
  const { workspaces } = await client.call(listWorkspaces, { query: { q: options.all ? '' : options.search } })
  printList(workspaceColumns, workspaces, options, { whenEmpty: 'No workspaces found. `coder create` makes one.' })
}
