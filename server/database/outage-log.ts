// What the log says while the database is away or unwell. Whatever is done again and again fails then each time: that is
// one line as it begins, and one as it ends, not a stack for each attempt.

import type { FastifyBaseLogger } from 'fastify'
import { explainUnavailable } from './connect.ts'

/** Hears of each attempt at work that is tried again by itself, by the name of the work. */
export interface OutageLog {
  failed(work: string, error: unknown): void
  done(work: string): void
  /** Hears how this one ends. @returns resolves then, however it was */
  watch(work: string, attempt: Promise<unknown>): Promise<void>
}

export function openOutageLog(log: Pick<FastifyBaseLogger, 'warn' | 'error'>): OutageLog {
  /** What has failed since the outage began: only by that can it be known to be over. */
  const failing = new Set<string>()
  const reported = new Set<string>()
  let startedAt = 0

  function failed(work: string, error: unknown): void {
    const why = explainUnavailable(error)
    if (!why) {
      log.error({ err: error, work }, 'work that is done again and again failed')
      return
    }
    if (failing.size === 0) startedAt = Date.now()
    failing.add(work)
    // A database that was away may be full when it is back.
    if (reported.has(why.summary)) return
    reported.add(why.summary)
    const reason = (error as Error).message
    log.warn({ work, reason, next: why.remedy }, `${why.summary} What coderd does by itself waits for it.`)
  }

  function done(work: string): void {
    if (!failing.has(work)) return
    failing.clear()
    reported.clear()
    log.warn({ work, seconds: Math.round((Date.now() - startedAt) / 1000) }, 'The database does again what failed.')
  }

  return {
    failed,
    done,
    watch: (work, attempt) =>
      attempt.then(
        () => done(work),
        (error: unknown) => failed(work, error),
      ),
  }
}
