// Finds the scheduled action that is due for a workspace. Pure: autobuild.ts loads the facts and runs the action.

import type { UserStatus } from '../../api/user-fields.ts'
import type { WorkspaceTransition } from '../../api/workspaces/builds.ts'
import type { JobStatus } from '../database/schema.ts'

export interface ScheduleFacts {
  readonly transition: WorkspaceTransition
  readonly jobStatus: JobStatus
  readonly jobCompletedAt: Date | null
  readonly deadline: Date | null
  /** Next autostart of a stopped workspace; null if disabled or not allowed. */
  readonly nextStartAt: Date | null
  readonly dormantAt: Date | null
  readonly deletingAt: Date | null
  readonly lastUsedAt: Date
  readonly ownerStatus: UserStatus
  /** Failure TTL of the template; 0 disables it. */
  readonly failureTtlMs: number
  readonly timeTilDormantMs: number
}

export type ScheduledAction =
  | { readonly kind: 'build'; readonly transition: WorkspaceTransition; readonly reason: ScheduledReason }
  /** Make dormant; a running workspace is stopped first. */
  | { readonly kind: 'dormant'; readonly isRunning: boolean }

export type ScheduledReason = 'autostart' | 'autostop' | 'dormancy' | 'failedstop' | 'autodelete'

const build = (transition: WorkspaceTransition, reason: ScheduledReason): ScheduledAction => ({
  kind: 'build',
  transition,
  reason,
})

const deletionRetryMs = 24 * 60 * 60_000

/** Returns null if no action is due. */
export function findScheduledAction(facts: ScheduleFacts, now: Date): ScheduledAction | null {
  if (facts.jobCompletedAt === null) return null
  if (isStopDue(facts, now)) return build('stop', 'autostop')
  // Made dormant by a user while running.
  if (facts.dormantAt && facts.transition === 'start' && facts.jobStatus === 'succeeded')
    return build('stop', 'dormancy')
  if (isStartDue(facts, now)) return build('start', 'autostart')
  if (isFailureStopDue(facts, now)) return build('stop', 'failedstop')
  if (isUnused(facts, now)) {
    return { kind: 'dormant', isRunning: facts.transition === 'start' }
  }
  if (isDeletionDue(facts, now)) return build('delete', 'autodelete')
  return null
}

function isStopDue({ transition, jobStatus, dormantAt, ownerStatus, deadline }: ScheduleFacts, now: Date): boolean {
  if (transition !== 'start' || jobStatus === 'failed' || dormantAt) return false
  return ownerStatus === 'suspended' || (deadline !== null && deadline <= now)
}

/** Includes missed starts, for example if the computer was suspended at the scheduled time. */
function isStartDue(facts: ScheduleFacts, now: Date): boolean {
  const { transition, jobStatus, dormantAt, ownerStatus, nextStartAt } = facts
  if (transition !== 'stop' || jobStatus !== 'succeeded' || dormantAt || ownerStatus !== 'active') return false
  return nextStartAt !== null && nextStartAt <= now
}

function isFailureStopDue({ transition, jobStatus, jobCompletedAt, failureTtlMs }: ScheduleFacts, now: Date): boolean {
  if (failureTtlMs <= 0 || transition !== 'start' || jobStatus !== 'failed' || !jobCompletedAt) return false
  return now.getTime() - jobCompletedAt.getTime() >= failureTtlMs
}

function isUnused({ dormantAt, timeTilDormantMs, lastUsedAt }: ScheduleFacts, now: Date): boolean {
  return !dormantAt && timeTilDormantMs > 0 && now.getTime() - lastUsedAt.getTime() >= timeTilDormantMs
}

function isDeletionDue(
  { dormantAt, deletingAt, transition, jobStatus, jobCompletedAt }: ScheduleFacts,
  now: Date,
): boolean {
  if (!dormantAt || !deletingAt || deletingAt > now) return false
  if (transition !== 'delete') return true
  // A failed deletion is retried, but not every minute.
  const hasFailed = jobStatus === 'failed' || jobStatus === 'canceled'
  return hasFailed && jobCompletedAt !== null && now.getTime() - jobCompletedAt.getTime() >= deletionRetryMs
}
