// What people may set of a schedule: each check throws the 400 that names the field.

import { ApiError, validationFailed } from '../../api/errors.ts'
import { CronError, parseWeeklySchedule } from '../../lib/cron-schedule.ts'

type TemplatePolicy = { readonly allow_user_autostart: boolean; readonly allow_user_autostop: boolean }

const minuteMs = 60_000
const maxTtlMs = 30 * 24 * 60 * 60_000

/** @returns the line as it is stored, null for none. */
export function checkAutostart(
  schedule: string | null | undefined,
  policy: TemplatePolicy,
  field: string,
): string | null {
  const line = schedule?.trim() ?? ''
  if (line === '') return null
  if (!policy.allow_user_autostart) {
    throw new ApiError(400, 'Autostart is not allowed for workspaces using this template.', {
      validations: [{ field, detail: 'The template does not let its workspaces start by themselves.' }],
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

/** @returns the time as it is stored, in whole minutes as Coder has it; null for no end. */
export function checkTtl(ttlMs: number | null | undefined, policy: TemplatePolicy): number | null {
  if (ttlMs == null || ttlMs === 0) return null
  if (!policy.allow_user_autostop) {
    throw new ApiError(400, 'Custom autostop TTL is not allowed for workspaces using this template.', {
      validations: [{ field: 'ttl_ms', detail: "The template's own time to live counts." }],
    })
  }
  const whole = Math.floor(ttlMs / minuteMs) * minuteMs
  if (whole < minuteMs) throw validationFailed([{ field: 'ttl_ms', detail: 'must be one minute (60000) or more.' }])
  if (whole > maxTtlMs) throw validationFailed([{ field: 'ttl_ms', detail: 'must be 30 days (2592000000) or less.' }])
  return whole
}

const minAheadMinutes = 30

/** @param deadline counted in whole minutes from now: who asks for thirty is some milliseconds late when it gets here */
export function checkDeadline(deadline: Date, maxDeadline: Date | null, now: Date): void {
  const refuse = (detail: string) =>
    new ApiError(400, 'Cannot extend workspace beyond its limits.', { validations: [{ field: 'deadline', detail }] })
  if (Math.round((deadline.getTime() - now.getTime()) / minuteMs) < minAheadMinutes) {
    throw refuse('The new deadline must be at least 30 minutes in the future.')
  }
  if (maxDeadline && deadline > maxDeadline) {
    throw refuse(`The template stops the workspace at ${maxDeadline.toISOString()} at the latest.`)
  }
}
