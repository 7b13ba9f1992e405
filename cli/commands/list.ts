// `coder list`: workspaces as a table or as JSON.

import { listWorkspaces, type Workspace } from '../../api/workspaces.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, chooseColumns, formatAge, formatTable, note, print, printJson } from '../output.ts'

interface ListOptions extends GlobalOptions {
  readonly all?: boolean
  readonly search: string
  readonly column?: string
  readonly output: 'table' | 'json'
}

export const workspaceColumns: readonly Column<Workspace>[] = [
  { title: 'workspace', value: ({ owner_name, name }) => `${owner_name}/${name}` },
  { title: 'template', value: ({ template_name }) => template_name },
  { title: 'status', value: ({ latest_build: { status } }) => status.charAt(0).toUpperCase() + status.slice(1) },
  {
    title: 'healthy',
    value: ({ latest_build, health }) => (latest_build.status === 'running' ? String(health.healthy) : ''),
  },
  { title: 'last built', value: ({ latest_build }) => formatAge(latest_build.created_at) },
  { title: 'current version', value: ({ latest_build }) => latest_build.template_version_name },
  { title: 'outdated', value: ({ outdated }) => String(outdated) },
]

export async function list(_args: readonly string[], options: ListOptions): Promise<void> {
  const columns = chooseColumns(workspaceColumns, options.column)
  const { client } = await connect(options)
  const { workspaces } = await client.call(listWorkspaces, { query: { q: options.all ? '' : options.search } })
  if (options.output === 'json') return printJson(workspaces)
  if (workspaces.length === 0) return note('No workspaces found. `coder create` makes one.')
  print(formatTable(columns, workspaces))
}
