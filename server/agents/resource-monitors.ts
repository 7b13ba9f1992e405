// Evaluates memory and disk usage that agents report against the template's thresholds, and notifies the workspace
// owner. Measurements are not stored.

import type { BaseContext } from '../base-context.ts'
import type { Db, Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { notify } from '../notifications/notify.ts'

/** Interval and batch size of measurements; a batch covers about three minutes, as in Coder. */
export const sampling = { everyMs: 10_000, count: 20 } as const

// Coder's value: the share of measurements above the threshold that triggers an alarm.
const alarmShare = 0.2
// Coder's value: minimum interval between two notifications of a monitor.
const quietMs = 30 * 60_000

/** A measurement in bytes; null if it failed. */
export interface MeasuredUsage {
  readonly used: number
  readonly total: number
}

/** Measurements of all monitors of an agent at one time. */
export interface UsageSample {
  readonly memory: MeasuredUsage | null
  readonly volumes: readonly ({ readonly path: string } & MeasuredUsage)[]
}

/** Whether the measurements trigger an alarm; if they neither trigger nor clear it, the state does not change. */
export function isAlarming(
  samples: readonly (MeasuredUsage | null)[],
  thresholdPercent: number,
  wasAlarming: boolean,
): boolean {
  const isAbove = ({ used, total }: MeasuredUsage) => total > 0 && (used / total) * 100 >= thresholdPercent
  const above = samples.filter((sample) => sample && isAbove(sample)).length
  if (above > 0 && above >= samples.length * alarmShare) return true
  const isClear = above === 0 && samples.every((sample) => sample !== null)
  return isClear ? false : wasAlarming
}

/** Monitors of the agent; null if the template defines none. */
export async function loadMonitors(db: Db, agentId: string) {
  const rows = await db
    .selectFrom('workspace_agent_resource_monitors')
    .select(['kind', 'path'])
    .where('workspace_agent_id', '=', agentId)
    .where('is_enabled', '=', true)
    .orderBy('path')
    .execute()
  if (rows.length === 0) return null
  return {
    every_ms: sampling.everyMs,
    count: sampling.count,
    memory: rows.some(({ kind }) => kind === 'memory'),
    volumes: rows.flatMap(({ kind, path }) => (kind === 'volume' ? [path] : [])),
  }
}

type Monitor = Row<'workspace_agent_resource_monitors'>

/** @param samples latest samples, oldest first */
export async function evaluateMonitors(
  { db, clock }: Pick<BaseContext, 'db' | 'clock'>,
  { agentId, workspaceId }: { readonly agentId: string; readonly workspaceId: string },
  samples: readonly UsageSample[],
): Promise<void> {
  if (samples.length === 0) return
  const now = clock.now()
  await db.transaction().execute(async (tx) => {
    const monitors = await tx
      .selectFrom('workspace_agent_resource_monitors')
      .selectAll()
      .where('workspace_agent_id', '=', agentId)
      .where('is_enabled', '=', true)
      .orderBy('path')
      .forUpdate()
      .execute()
    const changed = monitors.filter((monitor) => {
      const measured = samples.map((sample) => usageOf(monitor, sample))
      return isAlarming(measured, monitor.threshold_percent, monitor.is_alarming) !== monitor.is_alarming
    })
    const notifiable = changed.filter(
      ({ is_alarming, quiet_until }) => !is_alarming && (!quiet_until || quiet_until <= now),
    )
    for (const monitor of changed) await toggleAlarm(tx, monitor, now, notifiable.includes(monitor))
    await notifyOwner(tx, workspaceId, notifiable, now)
  })
}

const usageOf = ({ kind, path }: Monitor, { memory, volumes }: UsageSample): MeasuredUsage | null =>
  kind === 'memory' ? memory : (volumes.find((volume) => volume.path === path) ?? null)

async function toggleAlarm(tx: Tx, monitor: Monitor, now: Date, notifies: boolean): Promise<void> {
  await tx
    .updateTable('workspace_agent_resource_monitors')
    .set({
      is_alarming: !monitor.is_alarming,
      updated_at: now,
      ...(notifies && { quiet_until: new Date(now.getTime() + quietMs) }),
    })
    .where('workspace_agent_id', '=', monitor.workspace_agent_id)
    .where('kind', '=', monitor.kind)
    .where('path', '=', monitor.path)
    .execute()
}

async function notifyOwner(tx: Tx, workspaceId: string, alarms: readonly Monitor[], now: Date): Promise<void> {
  if (alarms.length === 0) return
  const { id, name, owner_id, template_id, organization_id } = await tx
    .selectFrom('workspaces')
    .select(['id', 'name', 'owner_id', 'template_id', 'organization_id'])
    .where('id', '=', workspaceId)
    .executeTakeFirstOrThrow()
  const common = { to: owner_id, targets: [id, owner_id, template_id, organization_id], createdBy: 'resources-monitor' }
  // The timestamp prevents deduplication of a later alarm on the same day.
  const at = { timestamp: now.toISOString() }
  const memory = alarms.find(({ kind }) => kind === 'memory')
  const volumes = alarms.filter(({ kind }) => kind === 'volume')
  if (memory) {
    const labels = { workspace: name, threshold: `${memory.threshold_percent}%` }
    await notify(tx, { ...common, template: 'workspaceOutOfMemory', labels, data: at })
  }
  if (volumes.length === 0) return
  const list = volumes.map(({ path, threshold_percent }) => ({ path, threshold: `${threshold_percent}%` }))
  const labels = { workspace: name, volumes: list.map(({ path }) => path).join(', ') }
  await notify(tx, { ...common, template: 'workspaceOutOfDisk', labels, data: { ...at, volumes: list } })
}
