// coderd's log: one JSON object per line on standard output, which the starting process redirects to a file.

import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import type { Config } from './config.ts'

/** Redacts credentials. */
const secretFields = ['req.headers.cookie', 'req.headers.authorization', 'req.headers["coder-session-token"]']

export function createLog(config: Pick<Config, 'logLevel'>): FastifyBaseLogger {
  return pino({ level: config.logLevel, base: null, redact: secretFields })
}
