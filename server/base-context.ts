// Dependencies that are created at start-up and available below the HTTP layer. server/context.ts extends it with the
// services that handlers use.

import type { FastifyBaseLogger } from 'fastify'
import type { Pool } from 'pg'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Channels } from './database/channels.ts'
import type { Db } from './database/connect.ts'
import type { OutageLog } from './database/outage-log.ts'
import type { Encryption } from './encryption/encryption.ts'
import type { Events } from './events.ts'
import type { MetricsRecorder } from './metrics-recorder.ts'

export interface BaseContext {
  readonly config: Config
  /** URL at which users and agents reach this coderd, without a trailing slash. Set once the server listens. */
  readonly accessUrl: string
  /** Identifies this run of coderd. */
  readonly boot: string
  readonly db: Db
  readonly pool: Pool
  readonly channels: Channels
  readonly outages: OutageLog
  readonly events: Events
  /** Encrypts secrets that are stored in the database. */
  readonly encryption: Encryption
  /** Null when metrics are disabled. */
  readonly metrics: MetricsRecorder | null
  readonly log: FastifyBaseLogger
  /** Time source of schedules. */
  readonly clock: Clock
  /** Aborted when coderd starts to shut down. */
  readonly signal: AbortSignal
}
