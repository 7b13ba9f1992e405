// Heartbeat of a running job and delivery of its cancellation: by NOTIFY, or by the next heartbeat if the
// notification is lost.

import type { BaseContext } from '../base-context.ts'
import type { Channels } from '../database/channels.ts'
import { jobCanceled } from './job-channels.ts'

// Coder's interval. The reaper fails a job after 60 missed ones.
const heartbeatEveryMs = 5_000

/** Cancellation callbacks by job ID. */
export interface CancelListener {
  on(jobId: string, onCancel: () => void): void
  off(jobId: string): void
  close(): Promise<void>
}

export async function listenForCancellations(channels: Channels): Promise<CancelListener> {
  const callbacks = new Map<string, () => void>()
  const close = await channels.listen(jobCanceled, (jobId) => callbacks.get(jobId)?.())
  return { on: (jobId, onCancel) => callbacks.set(jobId, onCancel), off: (jobId) => callbacks.delete(jobId), close }
}

export interface Heartbeat {
  /** Aborted when the job is canceled or was completed elsewhere. */
  readonly canceled: AbortSignal
  stop(): void
}

/** Updates the job's heartbeat until `stop` is called. */
export function startHeartbeat(context: BaseContext, cancels: CancelListener, jobId: string): Heartbeat {
  const controller = new AbortController()
  const timer = setInterval(() => {
    sendHeartbeat(context, jobId).then(
      (shouldContinue) => {
        context.outages.succeeded('heartbeats')
        if (!shouldContinue) controller.abort()
      },
      (error: unknown) => context.outages.failed('heartbeats', error),
    )
  }, heartbeatEveryMs)
  cancels.on(jobId, () => controller.abort())
  return {
    canceled: controller.signal,
    stop() {
      clearInterval(timer)
      cancels.off(jobId)
    },
  }
}

/** @returns whether the job should continue */
async function sendHeartbeat({ db }: BaseContext, jobId: string): Promise<boolean> {
  const job = await db
    .updateTable('provisioner_jobs')
    .set({ updated_at: new Date() })
    .where('id', '=', jobId)
    .where('completed_at', 'is', null)
    .returning('canceled_at')
    .executeTakeFirst()
  return job !== undefined && job.canceled_at === null
}
