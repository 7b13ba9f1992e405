// The connection pool of coderd, which survives restarts of PostgreSQL, and the classification of connection errors.
// Starting PostgreSQL is in postgres/builtin-postgres.ts, LISTEN in channels.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { describePostgresError, type PostgresProblem } from './postgres-errors.ts'
import type { Database } from './schema.ts'
import { StartError } from './start-error.ts'

/** First parameter of every query function: the database or a transaction. */
export type Db = Kysely<Database>
/** Parameter of functions that must run inside a transaction. */
export type Tx = Transaction<Database>

export interface DatabaseConnection {
  readonly db: Db
  /** The pool behind `db`, for migrations and prepared statements. */
  readonly pool: pg.Pool
  /** Waits for running queries, then closes every connection. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database`; a socket folder is given as `?host=`. */
  readonly url: string
  readonly maxConnections?: number
  /** How long a query retries to connect during an outage before it fails. */
  readonly retryTimeoutMs?: number
  /** PostgreSQL's `lock_timeout`. */
  readonly lockTimeoutMs?: number
  /** Called when a connection breaks; the pool replaces it. */
  readonly onConnectionLost?: (error: Error) => void
}

// Coder's own default; each connection is a PostgreSQL process.
const defaultMaxConnections = 10

// Longer than crash recovery of a small database, shorter than a user waits for a response.
const defaultRetryTimeoutMs = 5_000

// No transaction of coderd holds a lock for this long; a longer wait would block a connection of the pool.
const defaultLockTimeoutMs = 10_000

// Wait for a free connection of the pool: longer than the lock timeout, shorter than the timeout of clients.
const connectTimeoutMs = 15_000

/** Detects a silently dropped connection within 30 seconds instead of hours. */
export const keepAliveOptions = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

const retryDelayMs = 25
// Limits the load on a database that has no free connections.
const maxRetryDelayMs = 200

/** Creates the pool. The first query opens the first connection. */
export function connectDatabase(options: ConnectOptions): DatabaseConnection {
  const lockPatienceMs = options.lockTimeoutMs ?? defaultLockTimeoutMs
  const pool = new RetryingPool(
    {
      connectionString: options.url,
      max: options.maxConnections ?? defaultMaxConnections,
      types: typeParsers,
      ...keepAliveOptions,
      connectionTimeoutMillis: connectTimeoutMs,
      // Not as a connection parameter: connection poolers such as PgBouncer refuse unknown ones.
      onConnect: async (client) => void (await client.query(`set lock_timeout = ${lockPatienceMs}`)),
    },
    options.retryTimeoutMs ?? defaultRetryTimeoutMs,
  )
  // An unhandled `error` event would terminate coderd. An idle connection emits it on the pool and the client, a
  // connection held by a transaction only on the client; the next query of that transaction fails.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', (error: Error) => options.onConnectionLost?.(error)))
  return {
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    pool,
    close: () => pool.end(),
  }
}

const int8 = pg.types.builtins.INT8

/** Reads bigint as a number: IDs and milliseconds stay far below 2^53. Other types as in pg. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** A pool whose `connect` retries while the database starts, restarts or recovers. */
class RetryingPool extends pg.Pool {
  readonly #retryTimeoutMs: number

  constructor(config: pg.PoolConfig, retryTimeoutMs: number) {
    super(config)
    this.#retryTimeoutMs = retryTimeoutMs
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connecting = retryWhileUnavailable(() => super.connect(), this.#retryTimeoutMs)
    if (!callback) return connecting
    connecting.then(
      (client) => callback(undefined, client, (release) => client.release(release)),
      (error: Error) => callback(error, undefined, () => undefined),
    )
    return undefined
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void

/** Verifies the connection to an external database.
 *  @throws StartError with the cause, the setting and the remedy */
export async function verifyConnection(url: string, retryTimeoutMs = defaultRetryTimeoutMs): Promise<void> {
  const { pool, close } = connectDatabase({ url, maxConnections: 1, retryTimeoutMs })
  try {
    await pool.query('select 1')
  } catch (error) {
    const reason = (error as Error).message
    const { summary, remedy } = describePostgresError(error) ?? startProblem
    throw new StartError(`${summary} Cause: ${reason}. ${remedy}`, { cause: error })
  } finally {
    await close()
  }
}

/** Retries `attempt` on transient database errors for up to `timeoutMs`, then throws the last error. */
export async function retryWhileUnavailable<T>(attempt: () => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (let delayMs = retryDelayMs; ; delayMs = Math.min(delayMs * 2, maxRetryDelayMs)) {
    try {
      return await attempt()
    } catch (error) {
      const problem = explainUnavailable(error)
      if (!problem || problem.isPersistent || Date.now() >= deadline) throw error
    }
    await sleep(delayMs)
  }
}

const connectionProblem: PostgresProblem = {
  summary: 'The database is not responding.',
  remedy:
    'It is restarting or overloaded. Try again in a few seconds. If the problem persists, see postgres.log in the data folder.',
}

const startProblem: PostgresProblem = {
  summary: 'Could not connect to the database at CODER_PG_CONNECTION_URL.',
  remedy: 'Check that it is running, or change the URL. Leave it empty to use the bundled PostgreSQL.',
}

/** Null for an error that is not transient. */
export const explainUnavailable = (error: unknown): PostgresProblem | null =>
  isConnectionError(error) ? connectionProblem : describePostgresError(error)

/** Whether a retry may succeed. */
export const isTransientError = (error: unknown): boolean => explainUnavailable(error) !== null

// Class 08: connection exception. 57P01 to 57P03: shutdown, crash of another backend, starting up or recovering. The
// others are socket errors of a server that is not running or closed the connection.
const connectionErrorCodes = new Set([
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
])

// pg reports these without a code.
const connectionErrorMessage = /^Connection terminated|not queryable|^timeout exceeded when trying to connect/

/** Whether the database could not be reached or closed the connection. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return connectionErrorCodes.has(code) || code.startsWith('08') || connectionErrorMessage.test(error.message)
}

/** Whether an insert or update violates a unique constraint. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505'
}
