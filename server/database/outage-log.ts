// Log messages about database outages. Recurring tasks all fail during an outage: this logs one message when it starts
// and one when it ends, instead of a stack trace per attempt.

import type { FastifyBaseLogger } from 'fastify'
import { explainUnavailable } from './connect.ts'

/** Receives the outcome of each attempt of a recurring task, identified by its name. */
export interface OutageLog {
  failed(task: string, error: unknown): void
  succeeded(task: string): void
  /** Reports the outcome of `attempt`. Resolves when the attempt has finished; never rejects. */
  watch(task: string, attempt: Promise<unknown>): Promise<void>
}

export function openOutageLog(log: Pick<FastifyBaseLogger, 'warn' | 'error'>): OutageLog {
  /** Tasks that failed during the outage. Success of another task does not end it: that task may only read. */
  const failing = new Set<string>()
  const reported = new Set<string>()
  let startedAt = 0

  function failed(task: string, error: unknown): void {
    const problem = explainUnavailable(error)
    if (!problem) {
      log.error({ err: error, task }, 'a recurring task failed')
      return
    }
    if (failing.size === 0) startedAt = Date.now()
    failing.add(task)
    // One outage can have several problems: a database that restarts may then have a full disk.
    if (reported.has(problem.summary)) return
    reported.add(problem.summary)
    const reason = (error as Error).message
    log.warn({ task, reason, remedy: problem.remedy }, `${problem.summary} Recurring tasks of coderd are paused.`)
  }

  function succeeded(task: string): void {
    if (!failing.has(task)) return
    failing.clear()
    reported.clear()
    log.warn({ task, seconds: Math.round((Date.now() - startedAt) / 1000) }, 'The database is available again.')
  }

  return {
    failed,
    succeeded,
    watch: (task, attempt) =>
      attempt.then(
        () => succeeded(task),
        (error: unknown) => failed(task, error),
      ),
  }
}
