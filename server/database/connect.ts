// Opens the pool that the whole of coderd queries through, and says what "the database is away" means. It survives a
// PostgreSQL that is killed and comes back. Starting PostgreSQL is builtin-postgres.ts, LISTEN is channels.ts.

import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { describePostgresError, type PostgresProblem } from './postgres-errors.ts'
import type { Database } from './schema.ts'
import { StartError } from './start-error.ts'

/** What a query function takes first; a transaction is one too. */
export type Db = Kysely<Database>
/** The handle inside a transaction: a function that must not be called outside of one asks for it. */
export type Tx = Transaction<Database>

export interface DatabaseConnection {
  readonly db: Db
  /** The same connections without the query builder: for migrations and named statements. */
  readonly pool: pg.Pool
  /** Waits for running queries, then closes every connection. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database`; a socket folder goes into `?host=`. */
  readonly url: string
  readonly maxConnections?: number
  /** How long a query waits for a database that is away before it fails. */
  readonly retryTimeoutMs?: number
  /** How long a query waits for a lock that somebody else holds before it fails. */
  readonly lockTimeoutMs?: number
  /** Hears of connections that broke while nobody used them. The pool replaces them by itself. */
  readonly onConnectionLost?: (error: Error) => void
}

// Coder's own default; each connection is a PostgreSQL process.
const defaultMaxConnections = 10

// Longer than crash recovery of a desktop's database takes, shorter than the patience of somebody at a button.
const defaultRetryTimeoutMs = 5_000

// No transaction of ours holds a lock for as long. Whoever waits longer keeps a connection from those who need no lock.
const defaultLockTimeoutMs = 10_000

// Waiting for a connection that is free: longer than for a lock, shorter than the patience of a client.
const connectTimeoutMs = 15_000

/** An end of the connection that the network did not tell of is noticed within half a minute, not within hours. */
export const keepAliveOptions = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 }

const retryDelayMs = 25
/** A database that has no connection left is not to be asked by everybody all the time. */
const maxRetryDelayMs = 200

/** Connects lazily: the first query opens the first connection. */
export function connectDatabase(options: ConnectOptions): DatabaseConnection {
  const lockPatienceMs = options.lockTimeoutMs ?? defaultLockTimeoutMs
  const pool = new RetryingPool(
    {
      connectionString: options.url,
      max: options.maxConnections ?? defaultMaxConnections,
      types: typeParsers,
      ...keepAliveOptions,
      connectionTimeoutMillis: connectTimeoutMs,
      // Not as a parameter of the connection: what stands between us and a database elsewhere may know none.
      onConnect: async (client) => void (await client.query(`set lock_timeout = ${lockPatienceMs}`)),
    },
    options.retryTimeoutMs ?? defaultRetryTimeoutMs,
  )
  // A broken connection emits `error`, twice removed from any query: on the pool when it was idle, on the client when
  // a transaction held it between two queries. Unheard, either would end coderd; the transaction's next query fails. The
  // client's alone comes in both cases.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', (error: Error) => options.onConnectionLost?.(error)))
  return {
    db: new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }),
    pool,
    close: () => pool.end(),
  }
}

const int8 = pg.types.builtins.INT8

/** bigint as number: ids and milliseconds stay far below 2^53. All else as pg has it. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary'
      ? Number
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** A pool whose `connect` waits for a database that is being started, restarted or recovered. */
class RetryingPool extends pg.Pool {
  readonly #patienceMs: number

  constructor(config: pg.PoolConfig, patienceMs: number) {
    super(config)
    this.#patienceMs = patienceMs
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connecting = retryWhileUnavailable(() => super.connect(), this.#patienceMs)
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

/** Before anything is asked of a database that others run.
 *  @throws StartError that says why it cannot be used, where it is set and what to do */
export async function verifyConnection(url: string, patienceMs = defaultRetryTimeoutMs): Promise<void> {
  const { pool, close } = connectDatabase({ url, maxConnections: 1, retryTimeoutMs: patienceMs })
  try {
    await pool.query('select 1')
  } catch (error) {
    const reason = (error as Error).message
    const { summary, remedy } = describePostgresError(error) ?? startProblem
    throw new StartError(`${summary} The reason: ${reason}. ${remedy}`, { cause: error })
  } finally {
    await close()
  }
}

/** Calls `attempt` again while the database is away or unwell, for `patienceMs` at most; then throws its last error. */
export async function retryWhileUnavailable<T>(attempt: () => Promise<T>, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (let delayMs = retryDelayMs; ; delayMs = Math.min(delayMs * 2, maxRetryDelayMs)) {
    try {
      return await attempt()
    } catch (error) {
      const why = explainUnavailable(error)
      if (!why || why.isPersistent || Date.now() >= deadline) throw error
    }
    await sleep(delayMs)
  }
}

const connectionProblem: PostgresProblem = {
  summary: 'The database does not answer at the moment.',
  remedy:
    'It is being restarted, or very busy. Try again in a few seconds; if this goes on, read postgres.log in the data folder.',
}

const startProblem: PostgresProblem = {
  summary: 'The database that CODER_PG_CONNECTION_URL names cannot be reached.',
  remedy: 'See whether it runs there, or name another. Empty stands for the one that comes with Coder Local.',
}

/** Null for an error that will be the same later. */
export const explainUnavailable = (error: unknown): PostgresProblem | null =>
  isConnectionError(error) ? connectionProblem : describePostgresError(error)

/** Whether the same may well succeed later. */
export const isTransientError = (error: unknown): boolean => explainUnavailable(error) !== null

// Class 08 is "connection exception"; 57P01-57P03 are shutdown, crash of another backend, and "starting up" or
// "recovering"; the rest is the socket's own word for a server that is not there or went away.
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

/** Whether an error says that the database cannot be reached at the moment, so that asking again later may help. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return connectionErrorCodes.has(code) || code.startsWith('08') || connectionErrorMessage.test(error.message)
}

/** Whether an error says that a row with that name, or another unique value, is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505'
}
