// Validates schedules from requests: each function throws a 400 that includes the field.

import { ApiError, validationFailed } from '../../api/errors.ts'
import { CronError, parseWeeklySchedule } from '../../lib/cron-schedule.ts'

type TemplatePolicy = { readonly allow_user_autostart: boolean; readonly allow_user_autostop: boolean }

const minuteMs = 60_000
const maxTtlMs = 30 * 24 * 60 * 60_000

/** @returns the normalized schedule; null for none */
export function checkAutostart(
  schedule: string | null | undefined,
  policy: TemplatePolicy,
  field: string,
): string | null {
  const line = schedule?.trim() ?? ''
  if (line === '') return null
  if (!policy.allow_user_autostart) {
    throw new ApiError(400, 'Autostart is not allowed for workspaces using this template.', {
      validations: [{ field, detail: 'The template does not allow autostart.' }],
    })
  }
  try {
    parseWeeklySchedule(line)
  } catch (error) {
    if (!(error instanceof CronError)) throw error
    throw new ApiError(400, 'Invalid autostart schedule.', {
      validations: [{ field, detail: `The schedule ${error.message}` }],
    })
  }
  return line
}

/** @returns the TTL in whole minutes, as in Coder; null for no automatic stop */
export function checkTtl(ttlMs: number | null | undefined, policy: TemplatePolicy): number | null {
  if (ttlMs == null || ttlMs === 0) return null
  if (!policy.allow_user_autostop) {
    throw new ApiError(400, 'Custom autostop TTL is not allowed for workspaces using this template.', {
      validations: [{ field: 'ttl_ms', detail: 'The TTL of the template applies.' }],
    })
  }
  const whole = Math.floor(ttlMs / minuteMs) * minuteMs
  if (whole < minuteMs) throw validationFailed([{ field: 'ttl_ms', detail: 'must be one minute (60000) or more.' }])
  if (whole > maxTtlMs) throw validationFailed([{ field: 'ttl_ms', detail: 'must be 30 days (2592000000) or less.' }])
  return whole
}

const minAheadMinutes = 30

/** @param deadline rounded to whole minutes from now, to compensate for the latency of the request */
export function checkDeadline(deadline: Date, maxDeadline: Date | null, now: Date): void {
  const invalidDeadline = (detail: string) =>
    new ApiError(400, 'Cannot extend workspace beyond its limits.', { validations: [{ field: 'deadline', detail }] })
  if (Math.round((deadline.getTime() - now.getTime()) / minuteMs) < minAheadMinutes) {
    throw invalidDeadline('The new deadline must be at least 30 minutes in the future.')
  }
  if (maxDeadline && deadline > maxDeadline) {
    throw invalidDeadline(`The template stops the workspace at ${maxDeadline.toISOString()} at the latest.`)
  }
}
