// The columns of workspace lists.

import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { formatAutostart } from '../../arguments/autostart-schedule.ts'
import { formatCoarseDuration } from '../../arguments/durations.ts'
import { formatTime } from '../../output/formats.ts'
import { type ColumnValues, sortedBy } from '../../output/tables.ts'

const isUp = ({ latest_build: { status } }: Workspace) => status === 'running' || status === 'starting'

const titles: Readonly<Record<string, string>> = { pending: 'Queued', running: 'Started' }
const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const fullName = ({ owner_name, name }: Workspace) => `${owner_name}/${name}`

export const scheduleColumns: ColumnValues<Workspace, 'schedules'> = {
  workspace: fullName,
  'starts at': ({ autostart_schedule }) => formatAutostart(autostart_schedule),
  'starts next': ({ next_start_at }) => formatTime(next_start_at),
  'stops after': ({ ttl_ms }) => (ttl_ms ? formatCoarseDuration(ttl_ms) : ''),
  'stops next': (row) => (isUp(row) ? formatTime(row.latest_build.deadline) : ''),
}

export const workspaceColumns: ColumnValues<Workspace, 'workspaces'> = {
  ...scheduleColumns,
  workspace: (row) => `${row.favorite ? '★' : ' '} ${fullName(row)}`,
  favorite: ({ favorite }) => String(favorite),
  'organization id': ({ organization_id }) => organization_id,
  'organization name': ({ organization_name }) => organization_name,
  template: ({ template_name }) => template_name,
  status: ({ latest_build: { status } }) => titles[status] ?? capitalize(status),
  healthy: (row) => (isUp(row) ? String(row.health.healthy) : ''),
  'last built': ({ latest_build }) => formatCoarseDuration(Date.now() - Date.parse(latest_build.job.created_at)),
  'current version': ({ latest_build }) => latest_build.template_version_name,
  outdated: ({ outdated }) => String(outdated),
  'daily cost': ({ latest_build }) => String(latest_build.daily_cost),
}

/** Sorted by the text of the workspace column. */
export const sortByName = (
  workspaces: readonly Workspace[],
  columns: ColumnValues<Workspace, 'schedules'>,
): Workspace[] => sortedBy(workspaces, columns.workspace)
