// Template settings: converts request fields to columns, and applies changes to existing workspaces.

import { sql } from 'kysely'
import type { ValidationError } from '../../api/common.ts'
import { validationFailed } from '../../api/errors.ts'
import type { CreateTemplateRequest, UpdateTemplateRequest } from '../../api/templates/templates.ts'
import { daysOfWeek } from '../../lib/days-of-week.ts'
import type { Tx } from '../database/connect.ts'
import type { Row, RowChange } from '../database/schema.ts'

type Template = Row<'templates'>

/** Settings of a new template; missing fields have the column default. @throws ApiError 400 */
export function newSettings(body: CreateTemplateRequest): RowChange<'templates'> {
  const settings = withoutAbsent({
    ...sharedSettings(body),
    default_ttl_ms: body.default_ttl_ms,
    activity_bump_ms: body.activity_bump_ms,
    allow_user_autostart: body.allow_user_autostart,
    allow_user_autostop: body.allow_user_autostop,
    allow_user_cancel_workspace_jobs: body.allow_user_cancel_workspace_jobs ?? false,
    failure_ttl_ms: body.failure_ttl_ms,
    time_til_dormant_ms: body.dormant_ttl_ms,
    time_til_dormant_autodelete_ms: body.delete_ttl_ms,
    require_active_version: body.require_active_version,
    use_classic_parameter_flow: body.template_use_classic_parameter_flow,
  })
  validateSettings(settings, {
    time_til_dormant_ms: 'dormant_ttl_ms',
    time_til_dormant_autodelete_ms: 'delete_ttl_ms',
  })
  return settings
}

/** Go clients omit zero values, so missing numbers and booleans are 0 and false; missing strings and lists
 *  do not change. @throws ApiError 400 */
export function changedSettings(template: Template, body: UpdateTemplateRequest): RowChange<'templates'> {
  const settings = withoutAbsent({
    ...sharedSettings(body),
    name: body.name || undefined,
    deprecation_message: body.deprecation_message,
    use_classic_parameter_flow: body.use_classic_parameter_flow,
    disable_module_cache: body.disable_module_cache,
    default_ttl_ms: body.default_ttl_ms ?? 0,
    activity_bump_ms: body.activity_bump_ms ?? 0,
    allow_user_autostart: body.allow_user_autostart ?? false,
    allow_user_autostop: body.allow_user_autostop ?? false,
    allow_user_cancel_workspace_jobs: body.allow_user_cancel_workspace_jobs ?? false,
    failure_ttl_ms: body.failure_ttl_ms ?? 0,
    time_til_dormant_ms: body.time_til_dormant_ms ?? 0,
    time_til_dormant_autodelete_ms: body.time_til_dormant_autodelete_ms ?? 0,
    require_active_version: body.require_active_version ?? false,
    group_acl: body.disable_everyone_group_access ? withoutEveryoneGroup(template) : undefined,
  })
  validateSettings(settings)
  return settings
}

function sharedSettings(body: CreateTemplateRequest | UpdateTemplateRequest): Record<string, unknown> {
  return {
    display_name: body.display_name,
    description: body.description,
    icon: body.icon,
    autostop_requirement_days_of_week: inWeekOrder(body.autostop_requirement?.days_of_week),
    // Go clients send 0 for an unset value: every week.
    autostop_requirement_weeks: body.autostop_requirement?.weeks === 0 ? 1 : body.autostop_requirement?.weeks,
    autostart_requirement_days_of_week: inWeekOrder(body.autostart_requirement?.days_of_week),
    max_port_share_level: body.max_port_share_level,
    cors_behavior: body.cors_behavior,
  }
}

/** Unique days in week order. */
const inWeekOrder = (days: readonly string[] | null | undefined) =>
  days && daysOfWeek.filter((day) => days.includes(day))

/** The "Everyone" group has the ID of its organization. */
function withoutEveryoneGroup({ group_acl, organization_id }: Template): string {
  return JSON.stringify(Object.fromEntries(Object.entries(group_acl).filter(([id]) => id !== organization_id)))
}

/** Removes null values, which Go clients send for unset fields. */
function withoutAbsent(values: Record<string, unknown>): RowChange<'templates'> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null))
}

const minuteMs = 60_000
const maxWeeks = 16

const minuteMinimum = ['failure_ttl_ms', 'time_til_dormant_ms', 'time_til_dormant_autodelete_ms'] as const

/** @param names request field names of settings whose column has another name */
function validateSettings(settings: RowChange<'templates'>, names: Readonly<Record<string, string>> = {}): void {
  const validations: ValidationError[] = minuteMinimum
    .filter((setting) => between(settings[setting], 1, minuteMs - 1))
    .map((setting) => ({ field: names[setting] ?? setting, detail: 'must be at least one minute, or 0 for never' }))
  const weeks = settings.autostop_requirement_weeks
  if (weeks !== undefined && !between(weeks, 1, maxWeeks))
    validations.push({ field: 'autostop_requirement.weeks', detail: `must be from 1 to ${maxWeeks}` })
  if (validations.length > 0) throw validationFailed(validations)
}

const between = (value: unknown, min: number, max: number) => typeof value === 'number' && value >= min && value <= max

/** Whether the settings differ from those of the template. */
export function isChange(template: Template, settings: RowChange<'templates'>): boolean {
  return Object.entries(settings).some(([name, value]) => {
    const now = template[name as keyof Template]
    return (
      JSON.stringify(typeof value === 'string' && typeof now === 'object' ? JSON.parse(value) : value) !==
      JSON.stringify(now)
    )
  })
}

/** Applies changed policies to existing workspaces. */
export async function applySettingsToWorkspaces(
  tx: Tx,
  before: Template,
  after: Template,
  { update_workspace_last_used_at: isUsedNow, update_workspace_dormant_at: isDormantNow }: UpdateTemplateRequest,
): Promise<void> {
  const workspaces = () => tx.updateTable('workspaces').where('template_id', '=', after.id).where('deleted', '=', false)
  if (isUsedNow) await workspaces().set({ last_used_at: sql<Date>`now()` }).execute()
  if (isDormantNow)
    await workspaces().where('dormant_at', 'is not', null).set({ dormant_at: sql<Date>`now()` }).execute()
  const ttl = after.time_til_dormant_autodelete_ms
  if (isDormantNow || ttl !== before.time_til_dormant_autodelete_ms)
    await workspaces()
      .where('dormant_at', 'is not', null)
      .set({ deleting_at: ttl > 0 ? sql<Date>`dormant_at + make_interval(secs => ${ttl / 1000})` : null })
      .execute()
  // If users may not set a TTL, workspaces use the template's.
  if (!after.allow_user_autostop && after.default_ttl_ms !== before.default_ttl_ms)
    await workspaces()
      .set({ ttl_ms: after.default_ttl_ms > 0 ? after.default_ttl_ms : null })
      .execute()
}
