// `coder schedule`: shows and sets the automatic start and stop of workspaces.

import {
  extendWorkspace,
  updateWorkspaceAutostart,
  updateWorkspaceTtl,
} from '../../../api/workspaces/workspace-schedules.ts'
import { listWorkspaces, type Workspace } from '../../../api/workspaces/workspaces.ts'
import { parseAutostart } from '../../arguments/autostart-schedule.ts'
import { parseMinutes } from '../../arguments/durations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { parseWorkspaceName, requireWorkspace } from '../../lookup/find-workspace.ts'
import { columnNames } from '../../output/column-names.ts'
import { print } from '../../output/print.ts'
import { formatTable, type ListOptions, printList, selectColumns } from '../../output/tables.ts'
import { scheduleColumns, sortByName, workspaceColumns } from './workspace-columns.ts'

interface ShowOptions extends GlobalOptions, ListOptions<'schedules'> {
  readonly all?: boolean
  readonly search: string
}

export async function showSchedules([name]: readonly string[], options: ShowOptions): Promise<void> {
  const { client } = await connect(options)
  const q = name ? nameQuery(name) : options.all ? '' : options.search
  const { workspaces } = await client.call(listWorkspaces, { query: { q } })
  const rows = sortByName(workspaces, scheduleColumns)
  const json = rows.map((row) => ({
    workspace: scheduleColumns.workspace(row),
    starts_at: scheduleColumns['starts at'](row),
    starts_next: scheduleColumns['starts next'](row),
    stops_after: scheduleColumns['stops after'](row),
    stops_next: scheduleColumns['stops next'](row),
  }))
  printList(scheduleColumns, rows, options, { json, whenEmpty: 'No workspaces found. `coder create` creates one.' })
}

/** Matches a part of the name, as in Coder. */
function nameQuery(name: string): string {
  const { user, workspacename } = parseWorkspaceName(name)
  return `owner:${user} name:${workspacename}`
}

export async function scheduleStart([name = '', ...words]: readonly string[], options: GlobalOptions): Promise<void> {
  const schedule = words[0] === 'manual' ? null : parseAutostart(words)
  const { connection, workspace } = await connectTo(name, options)
  await connection.client.call(updateWorkspaceAutostart, { params: { workspace: workspace.id }, body: { schedule } })
  await showSchedule(connection, name)
}

export async function scheduleStop([name = '', after = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const ttl_ms = after === 'manual' ? null : parseMinutes(after, 'The duration')
  const { connection, workspace } = await connectTo(name, options)
  await connection.client.call(updateWorkspaceTtl, { params: { workspace: workspace.id }, body: { ttl_ms } })
  await showSchedule(connection, name)
}

export async function extend([name = '', from = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const ms = parseMinutes(from, 'The duration')
  const { connection, workspace } = await connectTo(name, options)
  const deadline = new Date(Date.now() + ms).toISOString()
  await connection.client.call(extendWorkspace, { params: { workspace: workspace.id }, body: { deadline } })
  await showSchedule(connection, name)
}

async function connectTo(
  name: string,
  options: GlobalOptions,
): Promise<{ connection: Connection; workspace: Workspace }> {
  const connection = await connect(options)
  return { connection, workspace: await requireWorkspace(connection, name) }
}

/** Prints the schedule after a change. */
async function showSchedule(connection: Connection, name: string): Promise<void> {
  const workspace = await requireWorkspace(connection, name)
  print(formatTable(selectColumns(workspaceColumns, columnNames.schedules.all), [workspace]))
}
