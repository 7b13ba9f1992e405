// Periodic tasks: of all coderds that share a database, one runs a task at a time. Each run finds its work in the
// database, so a restart, a sleeping machine or a clock change only delays the next run.

import { sql } from 'kysely'
import type { BaseContext } from './base-context.ts'

export interface PeriodicTask {
  /** For the log. */
  readonly name: string
  /** Key from database/advisory-locks.ts. */
  readonly lock: number
  readonly intervalMs: number
  /** One run, at the time of the clock. Must be idempotent. */
  run(now: Date): Promise<void>
}

type PeriodicContext = Pick<BaseContext, 'db' | 'clock' | 'outages' | 'metrics'>

export interface RunningTask {
  /** Prevents further runs; resolves when the current one has finished. */
  close(): Promise<void>
}

/** Starts the first run immediately. */
export function startPeriodicTask(context: PeriodicContext, task: PeriodicTask): RunningTask {
  let isClosed = false
  let cancelTimer = () => undefined as unknown
  let currentRun = Promise.resolve()

  function startRun(): void {
    currentRun = context.outages.watch(task.name, runOnce(context, task)).then(() => {
      if (!isClosed) cancelTimer = context.clock.after(task.intervalMs, startRun)
    })
  }
  startRun()
  return {
    async close() {
      isClosed = true
      cancelTimer()
      await currentRun
    },
  }
}

/** @returns false when another coderd runs the task */
export async function runOnce({ db, clock, metrics }: PeriodicContext, task: PeriodicTask): Promise<boolean> {
  // The lock is held by this otherwise empty transaction, so it is released even if the connection breaks.
  return await db.transaction().execute(async (holder) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${task.lock}) as mine`.execute(
      holder,
    )
    if (!rows[0]?.mine) return false
    const startedAt = performance.now()
    const count = (isDone: boolean) =>
      metrics?.countPeriodicRun({ name: task.name, seconds: (performance.now() - startedAt) / 1000, isDone })
    await task.run(clock.now()).catch((error: unknown) => {
      count(false)
      throw error
    })
    count(true)
    return true
  })
}
