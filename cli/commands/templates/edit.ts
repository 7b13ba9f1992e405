// `coder templates edit`: changes the settings whose flags are passed, and keeps the others.

import { ApiError } from '../../../api/errors.ts'
import { type Template, type UpdateTemplateRequest, updateTemplate } from '../../../api/templates/templates.ts'
import { type DayOfWeek, daysOfWeek } from '../../../lib/days-of-week.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate } from '../../lookup/find-template.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

interface EditOptions extends GlobalOptions {
  readonly name?: string
  readonly displayName?: string
  readonly description?: string
  readonly deprecated?: string
  readonly icon?: string
  readonly defaultTtl?: string
  readonly activityBump?: string
  readonly failureTtl?: string
  readonly dormancyThreshold?: string
  readonly dormancyAutoDeletion?: string
  readonly autostartRequirementWeekdays?: readonly (DayOfWeek | 'all')[]
  readonly autostopRequirementWeekdays?: readonly (DayOfWeek | 'none')[]
  readonly autostopRequirementWeeks?: number
  readonly allowUserCancelWorkspaceJobs?: boolean
  readonly allowUserAutostart?: boolean
  readonly allowUserAutostop?: boolean
  readonly requireActiveVersion?: boolean
  readonly private?: boolean
  readonly org?: string
}

export async function editTemplate([name = '']: readonly string[], options: EditOptions): Promise<void> {
  const connection = await connect(options)
  const template = await requireTemplate(connection, name, options.org)
  const changes = withoutUndefined(toChanges(options, template))
  if (Object.keys(changes).length === 0)
    throw new CommandError('No settings were passed.', { hint: 'pass a setting such as --description.' })
  const body = { ...unchangedSettings(template), ...changes }
  await connection.client.call(updateTemplate, { params: { template: template.id }, body }).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 304
      ? new CommandError(`Template ${name} already has these settings.`)
      : error
  })
  print(`Template ${name} was updated.`)
}

/** coderd treats missing numbers and switches as 0 and false, so the request must repeat the current values. */
const unchangedSettings = (template: Template): UpdateTemplateRequest => ({
  default_ttl_ms: template.default_ttl_ms,
  activity_bump_ms: template.activity_bump_ms,
  failure_ttl_ms: template.failure_ttl_ms,
  time_til_dormant_ms: template.time_til_dormant_ms,
  time_til_dormant_autodelete_ms: template.time_til_dormant_autodelete_ms,
  allow_user_cancel_workspace_jobs: template.allow_user_cancel_workspace_jobs,
  allow_user_autostart: template.allow_user_autostart,
  allow_user_autostop: template.allow_user_autostop,
  require_active_version: template.require_active_version,
})

type Changes = { readonly [K in keyof UpdateTemplateRequest]: UpdateTemplateRequest[K] | undefined }

function toChanges(options: EditOptions, template: Template): Changes {
  const ms = (flag: string, text: string | undefined) => (text === undefined ? undefined : parseDuration(text, flag))
  return {
    name: options.name,
    display_name: options.displayName,
    description: options.description,
    deprecation_message: options.deprecated,
    icon: options.icon,
    default_ttl_ms: ms('--default-ttl', options.defaultTtl),
    activity_bump_ms: ms('--activity-bump', options.activityBump),
    failure_ttl_ms: ms('--failure-ttl', options.failureTtl),
    time_til_dormant_ms: ms('--dormancy-threshold', options.dormancyThreshold),
    time_til_dormant_autodelete_ms: ms('--dormancy-auto-deletion', options.dormancyAutoDeletion),
    autostart_requirement: toAutostartRequirement(options),
    autostop_requirement: toAutostopRequirement(options, template),
    allow_user_cancel_workspace_jobs: options.allowUserCancelWorkspaceJobs,
    allow_user_autostart: options.allowUserAutostart,
    allow_user_autostop: options.allowUserAutostop,
    require_active_version: options.requireActiveVersion,
    disable_everyone_group_access: options.private,
  }
}

function toAutostartRequirement({
  autostartRequirementWeekdays: days,
}: EditOptions): { days_of_week: DayOfWeek[] } | undefined {
  return days && { days_of_week: days.includes('all') ? [...daysOfWeek] : onlyDays(days) }
}

function toAutostopRequirement(
  { autostopRequirementWeekdays: days, autostopRequirementWeeks: weeks }: EditOptions,
  { autostop_requirement: current }: Template,
): { days_of_week: DayOfWeek[]; weeks: number } | undefined {
  if (days === undefined && weeks === undefined) return undefined
  return {
    days_of_week: days === undefined ? current.days_of_week : days.includes('none') ? [] : onlyDays(days),
    weeks: weeks ?? current.weeks,
  }
}

const onlyDays = (days: readonly (DayOfWeek | 'all' | 'none')[]): DayOfWeek[] =>
  daysOfWeek.filter((day) => days.includes(day))

function withoutUndefined(changes: Changes): UpdateTemplateRequest {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
