// Says in the log that coderd can open no more files. Nothing else does: of the connections that come then, the system
// closes each before coderd hears of it.

import type { FastifyBaseLogger } from 'fastify'
import { explainFileOpenFailure } from '../lib/resource-errors.ts'

const lookEveryMs = 5_000

/** A file to be had now and then, between all the others that want one, is not the end of it: a minute. */
const looksUntilOver = 12

/** Once as it begins and once when it is over. @param look why no file can be opened. @returns stops */
export function watchOpenFiles(log: Pick<FastifyBaseLogger, 'warn'>, look = explainFileOpenFailure): () => void {
  let looksSinceShort = looksUntilOver
  const timer = setInterval(() => {
    const reason = look()
    if (reason !== null) {
      if (looksSinceShort >= looksUntilOver) log.warn({ reason }, 'cannot open files: incoming connections are dropped')
      looksSinceShort = 0
    } else if (++looksSinceShort === looksUntilOver) {
      log.warn('files can be opened again')
    }
  }, lookEveryMs).unref()
  return () => clearInterval(timer)
}
