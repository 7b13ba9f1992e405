// `coder schedule`: when workspaces start and stop by themselves.

import { extendWorkspace, updateWorkspaceAutostart, updateWorkspaceTtl } from '../../api/workspace-schedules.ts'
import { listWorkspaces, type Workspace } from '../../api/workspaces.ts'
import { formatAutostart, parseAutostart } from '../autostart.ts'
import { requireWorkspace } from '../build.ts'
import { type Connection, connect } from '../connect.ts'
import { formatHours, parseDuration } from '../durations.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { formatDistance, type ListOptions, print, printList } from '../output.ts'
import { scheduleColumns } from '../workspace-columns.ts'

interface ShowOptions extends GlobalOptions, ListOptions<'schedules'> {
  readonly all?: boolean
  readonly search: string
}

export async function showSchedules([name]: readonly string[], options: ShowOptions): Promise<void> {
  const connection = await connect(options)
  const query = { q: options.all ? '' : options.search }
  const workspaces: readonly Workspace[] = name
    ? [await requireWorkspace(connection, name)]
    : (await connection.client.call(listWorkspaces, { query })).workspaces
  printList(scheduleColumns, workspaces, options, { whenEmpty: 'No workspaces found. `coder create` makes one.' })
}

export async function scheduleStart([name = '', ...words]: readonly string[], options: GlobalOptions): Promise<void> {
  const schedule = words[0] === 'manual' ? null : parseAutostart(words)
  const { connection, workspace } = await find(name, options)
  await connection.client.call(updateWorkspaceAutostart, { params: { workspace: workspace.id }, body: { schedule } })
  print(
    schedule
      ? `${workspace.name} starts by itself at ${formatAutostart(schedule)}.`
      : `${workspace.name} no longer starts by itself.`,
  )
}

export async function scheduleStop([name = '', after = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const ttl_ms = after === 'manual' ? null : parseDuration(after, 'The duration')
  const { connection, workspace } = await find(name, options)
  await connection.client.call(updateWorkspaceTtl, { params: { workspace: workspace.id }, body: { ttl_ms } })
  print(
    ttl_ms
      ? `${workspace.name} stops by itself ${formatHours(ttl_ms)} after each start.`
      : `${workspace.name} no longer stops by itself.`,
  )
}

export async function extend([name = '', from = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const ms = parseDuration(from, 'The duration')
  const { connection, workspace } = await find(name, options)
  const deadline = new Date(Date.now() + ms).toISOString()
  await connection.client.call(extendWorkspace, { params: { workspace: workspace.id }, body: { deadline } })
  print(`${workspace.name} now stops ${formatDistance(deadline)}.`)
}

async function find(name: string, options: GlobalOptions): Promise<{ connection: Connection; workspace: Workspace }> {
  const connection = await connect(options)
  return { connection, workspace: await requireWorkspace(connection, name) }
}
