// Work that is done again and again: one coderd at a time does it, however many share the database, and what there is
// to do is found in the database each time. So a restart, a machine that slept and a clock that jumped cost nothing but
// the time until the next round.

import { sql } from 'kysely'
import type { BaseContext } from './base-context.ts'

export interface PeriodicTask {
  /** For the log. */
  readonly name: string
  /** One of database/advisory-locks.ts. */
  readonly lock: number
  readonly everyMs: number
  /** One round, by the time of the clock. Must do no harm when it is run again. */
  run(now: Date): Promise<void>
}

type PeriodicContext = Pick<BaseContext, 'db' | 'clock' | 'outages' | 'metrics'>

export interface RunningTask {
  /** Resolves when the round that runs has ended; no other begins. */
  close(): Promise<void>
}

/** Begins the first round at once. */
export function startPeriodicTask(context: PeriodicContext, work: PeriodicTask): RunningTask {
  let isClosed = false
  let forget = () => undefined as unknown
  let round = Promise.resolve()

  function begin(): void {
    round = context.outages.watch(work.name, runRound(context, work)).then(() => {
      if (!isClosed) forget = context.clock.after(work.everyMs, begin)
    })
  }
  begin()
  return {
    async close() {
      isClosed = true
      forget()
      await round
    },
  }
}

/** @returns false when another coderd was at it. */
export async function runRound({ db, clock, metrics }: PeriodicContext, work: PeriodicTask): Promise<boolean> {
  // The lock lasts as long as this transaction, which does nothing else: it ends with the connection whatever happens.
  return await db.transaction().execute(async (holder) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${work.lock}) as mine`.execute(
      holder,
    )
    if (!rows[0]?.mine) return false
    const startedAt = performance.now()
    const count = (isDone: boolean) =>
      metrics?.countPeriodicRun({ name: work.name, seconds: (performance.now() - startedAt) / 1000, isDone })
    await work.run(clock.now()).catch((error: unknown) => {
      count(false)
      throw error
    })
    count(true)
    return true
  })
}
