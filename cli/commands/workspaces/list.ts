// `coder list`: lists workspaces.

import { getUser } from '../../../api/account/users.ts'
import type { Client } from '../../../api/client.ts'
import { listWorkspaces } from '../../../api/workspaces/workspaces.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { type ListOptions, printList } from '../../output/tables.ts'
import { sortByName, workspaceColumns } from './workspace-columns.ts'

interface Options extends GlobalOptions, ListOptions<'workspaces'> {
  readonly all?: boolean
  readonly search: string
  readonly sharedWithMe?: boolean
}

export async function list(_args: readonly string[], options: Options): Promise<void> {
  const { client } = await connect(options)
  const { workspaces } = await client.call(listWorkspaces, { query: { q: await buildQuery(client, options) } })
  printList(workspaceColumns, sortByName(workspaces, workspaceColumns), options, {
    json: workspaces,
    whenEmpty: 'No workspaces found. `coder create` creates one.',
  })
}

async function buildQuery(client: Client, { all, search, sharedWithMe }: Options): Promise<string> {
  if (!sharedWithMe) return all ? '' : search
  const { id } = await client.call(getUser, { params: { user: 'me' } })
  return `shared_with_user:"${id}"`
}
