// Heartbeat of a running job and delivery of its cancellation: by NOTIFY, or by the next heartbeat should the
// notification be lost.

import type { BaseContext } from '../base-context.ts'
import type { Channels } from '../database/channels.ts'
import { jobCanceled } from './job-channels.ts'

// Coder's interval. The reaper fails a job after 60 missed ones.
const heartbeatEveryMs = 5_000

/** Cancellation callbacks by job id. */
export interface CancelListener {
  on(jobId: string, hear: () => void): void
  off(jobId: string): void
  close(): Promise<void>
}

export async function listenForCancellations(channels: Channels): Promise<CancelListener> {
  const hearers = new Map<string, () => void>()
  const close = await channels.listen(jobCanceled, (jobId) => hearers.get(jobId)?.())
  return { on: (jobId, hear) => hearers.set(jobId, hear), off: (jobId) => hearers.delete(jobId), close }
}

export interface Heartbeat {
  /** Aborted when the job was canceled or completed elsewhere. */
  readonly ended: AbortSignal
  stop(): void
}

/** Updates the job's heartbeat until `stop` is called. */
export function startHeartbeat(context: BaseContext, cancels: CancelListener, jobId: string): Heartbeat {
  const controller = new AbortController()
  const timer = setInterval(() => {
    beat(context, jobId).then(
      (goesOn) => {
        context.outages.succeeded('heartbeats')
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

/** @returns whether the job should continue */
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
