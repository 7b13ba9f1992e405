// What the columns of lists of workspaces say.

import type { Workspace } from '../api/workspaces.ts'
import { formatAutostart } from './autostart.ts'
import { formatHours } from './durations.ts'
import { type Cells, formatDistance } from './output.ts'

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const isRunning = ({ latest_build }: Workspace) => latest_build.status === 'running'

export const scheduleColumns: Cells<Workspace, 'schedules'> = {
  workspace: ({ owner_name, name }) => `${owner_name}/${name}`,
  'starts at': ({ autostart_schedule }) => formatAutostart(autostart_schedule),
  'starts next': ({ next_start_at }) => formatDistance(next_start_at),
  'stops after': ({ ttl_ms }) => formatHours(ttl_ms),
  'stops next': (row) => (isRunning(row) ? formatDistance(row.latest_build.deadline) : ''),
}

export const workspaceColumns: Cells<Workspace, 'workspaces'> = {
  ...scheduleColumns,
  favorite: ({ favorite }) => String(favorite),
  'organization id': ({ organization_id }) => organization_id,
  'organization name': ({ organization_name }) => organization_name,
  template: ({ template_name }) => template_name,
  status: ({ latest_build }) => capitalize(latest_build.status),
  healthy: (row) => (isRunning(row) ? String(row.health.healthy) : ''),
  'last built': ({ latest_build }) => formatDistance(latest_build.created_at),
  'current version': ({ latest_build }) => latest_build.template_version_name,
  outdated: ({ outdated }) => String(outdated),
  'daily cost': ({ latest_build }) => String(latest_build.daily_cost),
}
