// The sign of life of a running job, and the ear for whoever wants it to end: a notification is heard at once, and the
// heartbeat's answer tells the same should the notification be lost.

import type { BaseContext } from '../base-context.ts'
import type { Channels } from '../database/channels.ts'
import { jobCanceled } from './job-channels.ts'

// Coder's figure; the reaper's patience is sixty of these.
const heartbeatEveryMs = 5_000

/** Who wants to hear that a job was canceled, by job. */
export interface Cancels {
  on(jobId: string, hear: () => void): void
  off(jobId: string): void
  close(): Promise<void>
}

export async function listenForCancels(channels: Channels): Promise<Cancels> {
  const hearers = new Map<string, () => void>()
  const close = await channels.listen(jobCanceled, (jobId) => hearers.get(jobId)?.())
  return { on: (jobId, hear) => hearers.set(jobId, hear), off: (jobId) => hearers.delete(jobId), close }
}

export interface JobLife {
  /** Aborted when the job was canceled or has been ended by somebody else. */
  readonly ended: AbortSignal
  stop(): void
}

/** Beats until `stop`. */
export function keepAlive(context: BaseContext, cancels: Cancels, jobId: string): JobLife {
  const controller = new AbortController()
  const timer = setInterval(() => {
    beat(context, jobId).then(
      (goesOn) => {
        context.outages.done('heartbeats')
        if (!goesOn) controller.abort()
      },
      (error: unknown) => context.outages.failed('heartbeats', error),
    )
  }, heartbeatEveryMs)
  cancels.on(jobId, () => controller.abort())
  return {
    ended: controller.signal,
    stop() {
      clearInterval(timer)
      cancels.off(jobId)
    },
  }
}

/** @returns whether the job is to go on. */
async function beat({ db }: BaseContext, jobId: string): Promise<boolean> {
  const job = await db
    .updateTable('provisioner_jobs')
    .set({ updated_at: new Date() })
    .where('id', '=', jobId)
    .where('completed_at', 'is', null)
    .returning('canceled_at')
    .executeTakeFirst()
  return job !== undefined && job.canceled_at === null
}
