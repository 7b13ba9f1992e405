// Supervises the PostgreSQL that travels with us: brings it up on the cluster of a data folder, keeps it up, stops it.
// PostgreSQL outlives us when we are killed, and the next coderd adopts it. The steps are in postgres/: the cluster,
// the account that runs it, the programs, the server process.
//
// Who supervises a cluster holds an advisory lock in it, over a connection that stays open. The connection does three
// things: PostgreSQL frees the lock the moment the holder dies, a second coderd sees that there is a first, and its
// end tells at once that PostgreSQL is gone, whether it was our child or adopted.

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
  /** What is being done now, for the person who waits: a few words, without an end. */
  readonly onStep?: (step: string) => void
  /** What happens to PostgreSQL after it was up. */
  readonly onEvent?: (event: PostgresEvent) => void
  /** Gives up the start. */
  readonly signal?: AbortSignal
  /** The folder with PostgreSQL's `bin`, `lib` and `share`, if not the bundled one. */
  readonly postgresDir?: string
  /** Beyond the settings of an idle desktop. */
  readonly extraSettings?: Record<string, string>
}

export type PostgresEvent =
  | { readonly kind: 'lost' }
  | { readonly kind: 'back'; readonly awayMs: number }
  /** Could not be brought back; tried again until `stop`. */
  | { readonly kind: 'failing'; readonly error: Error }

export interface BuiltinPostgres {
  /** For connectDatabase; stays the same when PostgreSQL is restarted. */
  readonly url: string
  /** Such as `18.4`. */
  readonly version: string
  /** How it was found: made now, started on an existing cluster, or still running after a coderd that was killed. */
  readonly origin: 'created' | 'started' | 'adopted'
  readonly logPath: string
  /** The server process at the moment. */
  readonly pid: number
  /** Stops PostgreSQL in good order and waits until it is gone. */
  stop(): Promise<void>
}

/**
 * Resolves when PostgreSQL accepts connections.
 * @throws StartError (its message is for the user) and leaves the data as it was; ClusterInUseError when another
 * coderd supervises the cluster.
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

/** The URL of the PostgreSQL that runs on the cluster of a data folder, whoever supervises it. Null when none does. */
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

// The port is only part of the socket's name: the folder is private, so there is nobody to share it with.
const socketPort = 5432

const retryMs = 20
// How long server processes that outlived their parent may hold a new start up: they end at their next pause.
const orphanTimeoutMs = 15_000
// A PostgreSQL that neither answers nor ends: it recovers, or checkpoints before it stops.
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
  /** The server process that we started ourselves, if any: its version is ours, whatever it calls itself. */
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
      // Given up between "it is ready" and "we are attached".
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

  /** Brings PostgreSQL back whenever it goes, until `stop`; then stops it. */
  async #watch(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.#stopping.signal.addEventListener('abort', () => resolve()))
    for (;;) {
      await Promise.race([assertDefined(this.#attachment).connection.ended, stopped])
      if (!this.#stopping.signal.aborted) await this.#recover()
      if (this.#stopping.signal.aborted) break
    }
    await this.#stopServer()
    await assertDefined(this.#attachment).connection.close()
  }

  async #stopServer(): Promise<void> {
    // Without its file, in a folder that was deleted, it runs on for up to a minute.
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
        this.#options.onEvent?.({ kind: 'back', awayMs: Math.round(performance.now() - lostAt) })
        return
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#options.onEvent?.({ kind: 'failing', error: error instanceof Error ? error : new Error(String(error)) })
      }
      await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  /** Attaches to the PostgreSQL of the cluster, after starting it where none runs. */
  async #attachOrStart(signal: AbortSignal | undefined): Promise<Attachment> {
    const { folder } = this.#cluster
    const begunAt = performance.now()
    for (;;) {
      signal?.throwIfAborted()
      const holder = readPidFile(folder)
      if (holder && isClusterProcess(holder.pid, folder)) {
        const attachment = await this.#attachTo(holder)
        if (attachment) return attachment
        this.#checkTimeout(
          begunAt,
          unresponsiveTimeoutMs,
          `PostgreSQL (process ${holder.pid}) holds ${folder} and does not answer`,
        )
      } else {
        if (holder && processExists(holder.pid)) invalidatePidFile(folder)
        if ((await this.#startServer(holder !== null, signal)) === 'ready') continue
        this.#checkTimeout(begunAt, orphanTimeoutMs, `Processes of an earlier PostgreSQL still hold ${folder}`)
      }
      await sleep(retryMs)
    }
  }

  #checkTimeout(begunAt: number, limitMs: number, happened: string): void {
    if (performance.now() - begunAt < limitMs) return
    throw new StartError(`${happened}. End them, or restart the computer, and start again. The log is ${this.logPath}.`)
  }

  async #startServer(afterCrash: boolean, signal: AbortSignal | undefined): Promise<'ready' | 'try-again'> {
    this.#reportStep(afterCrash ? 'Recovering the database after a crash' : 'Starting the database')
    if (this.#endpoint?.socketFolder) resetSocketFolder(this.#endpoint.socketFolder, this.#cluster.account)
    const endpoint = this.#endpoint ?? (await newEndpoint(this.#cluster))
    try {
      const outcome = await startPostmaster(this.#cluster, endpoint, {
        logPath: this.logPath,
        extraSettings: this.#options.extraSettings,
        onSlow: () => this.#reportStep('The database is still getting ready'),
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

  /** Null when it does not answer yet, or was of another version and has been stopped. */
  async #attachTo(holder: PidFile): Promise<Attachment | null> {
    const endpoint: Endpoint = { socketFolder: holder.socketFolder, port: holder.port }
    // PostgreSQL has not written its address yet.
    if (endpoint.port === 0) return null
    try {
      const connection = await connectToCluster(connectionUrl(endpoint, this.#cluster.password), this.#cluster.folder)
      if (holder.pid !== this.#startedPid && connection.version !== this.version) {
        this.#reportStep(`Stopping PostgreSQL ${connection.version} for ${this.version}`)
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

  /** A start that is tried again is one step. */
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
  if (value === null || value === undefined) throw new Error('The supervisor was used before it started.')
  return value
}
