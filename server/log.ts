// coderd's log: one JSON object a line on standard output, where whoever starts coderd puts it into a file.

import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import type { Config } from './config.ts'

/** Never holds what signs anybody in. */
const secretFields = ['req.headers.cookie', 'req.headers.authorization', 'req.headers["coder-session-token"]']

export function createLog(config: Pick<Config, 'logLevel'>): FastifyBaseLogger {
  return pino({ level: config.logLevel, base: null, redact: secretFields })
}
