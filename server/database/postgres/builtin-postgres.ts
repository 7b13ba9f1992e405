// Supervisor of the bundled PostgreSQL: starts it on the cluster of a data folder, restarts it after a crash, stops it.
// PostgreSQL survives a killed coderd, and the next coderd adopts it.
//
// The supervisor holds an advisory lock over a connection that stays open. PostgreSQL releases the lock when the
// supervisor dies, a second coderd finds it taken, and the end of the connection reports that PostgreSQL is gone,
// whether it is a child process or an adopted one.

import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnectionError } from '../connect.ts'
import { ClusterInUseError, StartError } from '../start-error.ts'
import { bundledPostgres } from './binaries.ts'
import { type Cluster, findCluster, openCluster } from './cluster.ts'
import { invalidatePidFile, isClusterProcess, type PidFile, processExists, readPidFile } from './pid-file.ts'
import { type Endpoint, startPostmaster, stopPostmaster } from './postmaster.ts'
import { makeSocketFolder, removeStaleSocketFolders, resetSocketFolder } from './socket-folder.ts'
import { connectionUrl, connectToCluster, type SupervisorConnection } from './supervisor-connection.ts'

export { ClusterInUseError, StartError }

export interface BuiltinPostgresOptions {
  readonly dataDir: string
  /** Reports the current step to the user, in a few words without a period. */
  readonly onStep?: (step: string) => void
  /** Reports crashes and recoveries. */
  readonly onEvent?: (event: PostgresEvent) => void
  /** Aborts the start. */
  readonly signal?: AbortSignal
  /** The folder with `bin`, `lib` and `share`; the bundled one by default. */
  readonly postgresDir?: string
  /** Additional server parameters. */
  readonly extraSettings?: Record<string, string>
}

export type PostgresEvent =
  | { readonly kind: 'lost' }
  | { readonly kind: 'recovered'; readonly downtimeMs: number }
  /** A restart failed; it is retried until `stop`. */
  | { readonly kind: 'recovery failed'; readonly error: Error }

export interface BuiltinPostgres {
  /** For connectDatabase; does not change when PostgreSQL is restarted. */
  readonly url: string
  /** Such as `18.4`. */
  readonly version: string
  /** New cluster, existing cluster, or a server that survived a killed coderd. */
  readonly origin: 'created' | 'started' | 'adopted'
  readonly logPath: string
  /** The current server process. */
  readonly pid: number
  /** Shuts PostgreSQL down and waits until it has exited. */
  stop(): Promise<void>
}

/**
 * Resolves when PostgreSQL accepts connections.
 * @throws StartError with a message for the user; ClusterInUseError if another coderd supervises the cluster. The data
 * is unchanged in both cases.
 */
export async function startBuiltinPostgres(options: BuiltinPostgresOptions): Promise<BuiltinPostgres> {
  const cluster = await openCluster({
    dataDir: options.dataDir,
    postgresDir: options.postgresDir ?? bundledPostgres(),
    onStep: options.onStep ?? (() => undefined),
    signal: options.signal,
  })
  const supervisor = new Supervisor(cluster, options)
  await supervisor.start()
  return supervisor
}

/** The URL of the running PostgreSQL of a data folder, regardless of its supervisor. Null if none is running. */
export function findRunningPostgres(dataDir: string): string | null {
  const cluster = findCluster(dataDir)
  const holder = cluster && readPidFile(cluster.folder)
  if (!holder?.isReady || !isClusterProcess(holder.pid, cluster?.folder ?? '')) return null
  return connectionUrl({ socketFolder: holder.socketFolder, port: holder.port }, cluster?.password ?? null)
}

interface Attachment {
  readonly connection: SupervisorConnection
  readonly pid: number
}

// Only part of the socket's name; the private folder prevents conflicts.
const socketPort = 5432

const retryMs = 20
// Limit for backends that survived the killed postmaster and block a new start; they exit after their current query.
const orphanTimeoutMs = 15_000
// Limit for a PostgreSQL that does not respond because it recovers or writes its shutdown checkpoint.
const unresponsiveTimeoutMs = 120_000
const maxRetryMs = 5_000

class Supervisor implements BuiltinPostgres {
  readonly logPath: string
  readonly version: string
  origin: BuiltinPostgres['origin'] = 'adopted'
  readonly #cluster: Cluster
  readonly #options: BuiltinPostgresOptions
  readonly #stopping = new AbortController()
  #endpoint: Endpoint | null = null
  /** The server process started by this supervisor; its version needs no check. */
  #startedPid: number | null = null
  #attachment: Attachment | null = null
  #lastStep = ''
  #watching: Promise<void> = Promise.resolve()

  constructor(cluster: Cluster, options: BuiltinPostgresOptions) {
    this.#cluster = cluster
    this.#options = options
    this.version = cluster.binaries.version
    this.logPath = join(options.dataDir, 'logs', 'postgres.log')
  }

  get url(): string {
    return connectionUrl(assertDefined(this.#endpoint), this.#cluster.password)
  }

  get pid(): number {
    return assertDefined(this.#attachment).pid
  }

  async start(): Promise<void> {
    try {
      this.#attachment = await this.#attachOrStart(this.#options.signal)
    } catch (error) {
      // Aborted after the server was ready, but before the supervisor had attached.
      if (this.#options.signal?.aborted && this.origin === 'started') await this.#stopServer()
      throw error
    }
    if (this.#cluster.isNew) this.origin = 'created'
    const { socketFolder } = assertDefined(this.#endpoint)
    if (socketFolder !== '') removeStaleSocketFolders(this.#cluster.folder, socketFolder)
    this.#watching = this.#watch()
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return this.#watching
    this.#stopping.abort()
    await this.#watching
    removeSocketFolder(assertDefined(this.#endpoint))
  }

  /** Restarts PostgreSQL after every crash until `stop`, then shuts it down. */
  async #watch(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#stopping.signal.addEventListener('abort', () => resolve()))
    for (;;) {
      await Promise.race([assertDefined(this.#attachment).connection.closed, stopped])
      if (!this.#stopping.signal.aborted) await this.#recover()
      if (this.#stopping.signal.aborted) break
    }
    await this.#stopServer()
    await assertDefined(this.#attachment).connection.close()
  }

  async #stopServer(): Promise<void> {
    // PostgreSQL runs for up to a minute without its PID file after the folder was deleted.
    const pid = readPidFile(this.#cluster.folder)?.pid ?? this.#attachment?.pid
    if (pid !== undefined) await stopPostmaster(this.#cluster, pid)
  }

  async #recover(): Promise<void> {
    const lostAt = performance.now()
    this.#lastStep = ''
    this.#options.onEvent?.({ kind: 'lost' })
    for (let waitMs = retryMs; !this.#stopping.signal.aborted; waitMs = Math.min(waitMs * 2, maxRetryMs)) {
      try {
        this.#attachment = await this.#attachOrStart(this.#stopping.signal)
        this.#options.onEvent?.({ kind: 'recovered', downtimeMs: Math.round(performance.now() - lostAt) })
        return
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const cause = error instanceof Error ? error : new Error(String(error))
        this.#options.onEvent?.({ kind: 'recovery failed', error: cause })
      }
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  /** Attaches to the PostgreSQL of the cluster and starts it if necessary. */
  async #attachOrStart(signal: AbortSignal | undefined): Promise<Attachment> {
    const { folder } = this.#cluster
    const startedAt = performance.now()
    for (;;) {
      signal?.throwIfAborted()
      const holder = readPidFile(folder)
      if (holder && isClusterProcess(holder.pid, folder)) {
        const attachment = await this.#attachTo(holder)
        if (attachment) return attachment
        this.#checkTimeout(
          startedAt,
          unresponsiveTimeoutMs,
          `PostgreSQL (process ${holder.pid}) is running on ${folder} but does not respond`,
        )
      } else {
        if (holder && processExists(holder.pid)) invalidatePidFile(folder)
        if ((await this.#startServer(holder !== null, signal)) === 'ready') continue
        this.#checkTimeout(startedAt, orphanTimeoutMs, `Processes of a previous PostgreSQL are still using ${folder}`)
      }
      await sleep(retryMs)
    }
  }

  #checkTimeout(startedAt: number, limitMs: number, summary: string): void {
    if (performance.now() - startedAt < limitMs) return
    throw new StartError(`${summary}. Stop it or restart the computer, then try again. The log is ${this.logPath}.`)
  }

  async #startServer(afterCrash: boolean, signal: AbortSignal | undefined): Promise<'ready' | 'try-again'> {
    this.#reportStep(afterCrash ? 'Recovering the database after a crash' : 'Starting the database')
    if (this.#endpoint?.socketFolder) resetSocketFolder(this.#endpoint.socketFolder, this.#cluster.account)
    const endpoint = this.#endpoint ?? (await newEndpoint(this.#cluster))
    try {
      const outcome = await startPostmaster(this.#cluster, endpoint, {
        logPath: this.logPath,
        extraSettings: this.#options.extraSettings,
        onSlow: () => this.#reportStep('Waiting for the database'),
        signal,
      })
      if (outcome === 'ready') {
        this.origin = 'started'
        this.#startedPid = readPidFile(this.#cluster.folder)?.pid ?? null
        this.#endpoint = endpoint
      }
      return outcome
    } finally {
      if (this.#endpoint !== endpoint) removeSocketFolder(endpoint)
    }
  }

  /** Null if the server does not respond yet, or had another version and was stopped. */
  async #attachTo(holder: PidFile): Promise<Attachment | null> {
    const endpoint: Endpoint = { socketFolder: holder.socketFolder, port: holder.port }
    // PostgreSQL has not written its address yet.
    if (endpoint.port === 0) return null
    try {
      const connection = await connectToCluster(connectionUrl(endpoint, this.#cluster.password), this.#cluster.folder)
      if (holder.pid !== this.#startedPid && connection.version !== this.version) {
        this.#reportStep(`Replacing PostgreSQL ${connection.version} by ${this.version}`)
        await stopPostmaster(this.#cluster, holder.pid)
        return null
      }
      await connection.takeLock(this.#options.dataDir)
      this.#endpoint = endpoint
      return { connection, pid: holder.pid }
    } catch (error) {
      if (isConnectionError(error)) return null
      throw error
    }
  }

  /** Reports the step once, also if it is retried. */
  #reportStep(step: string): void {
    if (step !== this.#lastStep) this.#options.onStep?.(step)
    this.#lastStep = step
  }
}

function removeSocketFolder({ socketFolder }: Endpoint): void {
  if (socketFolder !== '') rmSync(socketFolder, { recursive: true, force: true })
}

async function newEndpoint(cluster: Cluster): Promise<Endpoint> {
  if (process.platform === 'win32') return { socketFolder: '', port: await freePort() }
  return { socketFolder: makeSocketFolder(cluster.folder, cluster.account), port: socketPort }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port')),
      )
    })
  })
}

function assertDefined<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the supervisor was used before it was started')
  return value
}
