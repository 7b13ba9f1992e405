// Logs when coderd has run out of file descriptors. The operating system then closes new connections before coderd
// accepts them, so nothing else reports the problem.

import type { FastifyBaseLogger } from 'fastify'
import { explainFileOpenFailure } from '../lib/resource-errors.ts'

const checkIntervalMs = 5_000

/** Successful checks in a row after which the shortage has ended: one minute. A single success may be coincidence. */
const checksUntilRecovered = 12

/** Logs the start and the end of each shortage. @param explainShortage returns the cause, or null if files can be opened
 *  @returns a function that stops the monitor */
export function monitorFileDescriptors(
  log: Pick<FastifyBaseLogger, 'warn'>,
  explainShortage = explainFileOpenFailure,
): () => void {
  let successfulChecks = checksUntilRecovered
  const timer = setInterval(() => {
    const reason = explainShortage()
    if (reason !== null) {
      if (successfulChecks >= checksUntilRecovered)
        log.warn({ reason }, 'cannot open files: incoming connections are dropped')
      successfulChecks = 0
    } else if (++successfulChecks === checksUntilRecovered) {
      log.warn('files can be opened again')
    }
  }, checkIntervalMs).unref()
  return () => clearInterval(timer)
}
