// Loads the schedule rules of workspaces: settings of the workspace, its template and its owner.

import type { Db } from '../database/connect.ts'
import type { StopRules } from './deadline.ts'
import type { AutostartRules } from './next-start.ts'

/** Loads the rules of one workspace. */
export async function loadScheduleRules(db: Db, workspaceId: string): Promise<StopRules & { bumpMs: number }> {
  const row = await scheduleColumns(db).where('workspace.id', '=', workspaceId).executeTakeFirstOrThrow()
  return { ...toStopRules(row), bumpMs: row.activity_bump_ms }
}

/** Columns of the rules; requires the table aliases `workspace`, `template` and `owner`. */
export function scheduleColumns(db: Db) {
  return db
    .selectFrom('workspaces as workspace')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .select([
      'workspace.id as workspace_id',
      'workspace.ttl_ms',
      'workspace.autostart_schedule',
      'template.default_ttl_ms',
      'template.allow_user_autostop',
      'template.allow_user_autostart',
      'template.autostart_requirement_days_of_week',
      'template.autostop_requirement_days_of_week',
      'template.autostop_requirement_weeks',
      'template.activity_bump_ms',
      'owner.quiet_hours_schedule',
    ])
}

export interface ScheduleColumns {
  readonly ttl_ms: number | null
  readonly autostart_schedule: string | null
  readonly default_ttl_ms: number
  readonly allow_user_autostop: boolean
  readonly allow_user_autostart: boolean
  readonly autostart_requirement_days_of_week: string[]
  readonly autostop_requirement_days_of_week: string[]
  readonly autostop_requirement_weeks: number
  readonly quiet_hours_schedule: string
}

export function toAutostartRules(
  row: Pick<ScheduleColumns, 'autostart_schedule' | 'allow_user_autostart' | 'autostart_requirement_days_of_week'>,
): AutostartRules {
  return {
    schedule: row.autostart_schedule,
    isAllowed: row.allow_user_autostart,
    allowedDays: row.autostart_requirement_days_of_week,
  }
}

function toStopRules(row: ScheduleColumns): StopRules {
  return {
    // The template's TTL applies if the template does not allow a TTL per workspace.
    ttlMs: row.allow_user_autostop ? (row.ttl_ms ?? 0) : row.default_ttl_ms,
    autostart: toAutostartRules(row),
    requiredDays: row.autostop_requirement_days_of_week,
    requiredWeeks: row.autostop_requirement_weeks,
    quietHours: row.quiet_hours_schedule,
  }
}
