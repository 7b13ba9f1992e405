// Brings the database up: the bundled PostgreSQL or the configured external one, then connections, migrations and the
// LISTEN channels.

import type { FastifyBaseLogger } from 'fastify'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { type Channels, openChannels } from '../database/channels.ts'
import { connectDatabase, type Db, verifyConnection } from '../database/connect.ts'
import { migrate } from '../database/migrate.ts'
import { type OutageLog, openOutageLog } from '../database/outage-log.ts'
import { startBuiltinPostgres } from '../database/postgres/builtin-postgres.ts'
import { type Events, openEvents } from '../events.ts'
import type { CloseStack } from './close-stack.ts'
import type { StepReporter } from './step-reporter.ts'

export interface OpenDatabase {
  readonly db: Db
  readonly pool: Pool
  readonly channels: Channels
  readonly outages: OutageLog
  readonly events: Events
}

/** @throws StartError or MigrationError */
export async function openDatabase(
  config: Config,
  log: FastifyBaseLogger,
  signal: AbortSignal,
  step: StepReporter,
  closers: CloseStack,
): Promise<OpenDatabase> {
  // The bundled PostgreSQL reports restarts before the event bus, which needs the database, is open.
  const eventBus: { events?: Events } = {}
  const url = await step('database', async (reportDetail) => {
    if (config.postgresUrl !== '') {
      await verifyConnection(config.postgresUrl)
      return config.postgresUrl
    }
    const postgres = await startBuiltinPostgres({
      dataDir: config.dataDir,
      onStep: reportDetail,
      onEvent: (event) => {
        const isDown = event.kind !== 'recovered'
        log.warn(event.kind === 'recovery failed' ? { err: event.error } : {}, `database ${event.kind}`)
        eventBus.events?.announce({
          type: 'database',
          state: isDown ? 'recovering' : 'ready',
          message: isDown
            ? 'The database stopped and is being restarted.'
            : `The database is available again after ${event.downtimeMs} ms.`,
        })
      },
    })
    closers.add('PostgreSQL', () => postgres.stop())
    return postgres.url
  })
  const { db, pool, close } = connectDatabase({
    url,
    maxConnections: config.postgresMaxConnections,
    onConnectionLost: (error) => {
      // An outage breaks all connections simultaneously and is logged by the listening one.
      if (!signal.aborted) log.debug({ reason: error.message }, 'database connection lost')
    },
  })
  closers.add('database connections', close)
  await step('migrations', () => migrate(pool))
  const outages = openOutageLog(log)
  const channels = await openChannels({ url, onError: (error) => outages.failed('listening', error) })
  channels.onReconnect(() => outages.succeeded('listening'))
  closers.add('LISTEN connection', () => channels.close())
  const events = await openEvents(channels)
  eventBus.events = events
  return { db, pool, channels, outages, events }
}
