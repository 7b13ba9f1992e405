// The columns that lists of workspaces can show, by the names of Coder's command line.

import type { Workspace } from '../api/workspaces.ts'
import { formatAutostart } from './autostart.ts'
import { formatHours } from './durations.ts'
import { type Column, formatDistance } from './output.ts'

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const isRunning = ({ latest_build }: Workspace) => latest_build.status === 'running'

const workspace: Column<Workspace> = {
  title: 'workspace',
  value: ({ owner_name, name }) => `${owner_name}/${name}`,
}
const startsAt: Column<Workspace> = {
  title: 'starts at',
  value: ({ autostart_schedule }) => formatAutostart(autostart_schedule),
}
const startsNext: Column<Workspace> = {
  title: 'starts next',
  value: ({ next_start_at }) => formatDistance(next_start_at),
}
const stopsAfter: Column<Workspace> = { title: 'stops after', value: ({ ttl_ms }) => formatHours(ttl_ms) }
const stopsNext: Column<Workspace> = {
  title: 'stops next',
  value: (row) => (isRunning(row) ? formatDistance(row.latest_build.deadline) : ''),
}

export const scheduleColumns: readonly Column<Workspace>[] = [workspace, startsAt, startsNext, stopsAfter, stopsNext]

export const workspaceColumns: readonly Column<Workspace>[] = [
  { title: 'favorite', value: ({ favorite }) => String(favorite), isExtra: true },
  workspace,
  { title: 'organization id', value: ({ organization_id }) => organization_id, isExtra: true },
  { title: 'organization name', value: ({ organization_name }) => organization_name, isExtra: true },
  { title: 'template', value: ({ template_name }) => template_name },
  { title: 'status', value: ({ latest_build }) => capitalize(latest_build.status) },
  { title: 'healthy', value: (row) => (isRunning(row) ? String(row.health.healthy) : '') },
  { title: 'last built', value: ({ latest_build }) => formatDistance(latest_build.created_at) },
  { title: 'current version', value: ({ latest_build }) => latest_build.template_version_name },
  { title: 'outdated', value: ({ outdated }) => String(outdated) },
  startsAt,
  { ...startsNext, isExtra: true },
  stopsAfter,
  { ...stopsNext, isExtra: true },
  { title: 'daily cost', value: ({ latest_build }) => String(latest_build.daily_cost), isExtra: true },
]
