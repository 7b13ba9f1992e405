// Starts coderd and stops it: the order in which the parts come up, what is told meanwhile, and who closes what.

import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { identifyProcess } from '../lib/process-identity.ts'
import { removeRunFile, writeRunFile } from '../lib/run-file.ts'
import { explainShortage } from '../lib/shortage.ts'
import { version } from '../lib/version.ts'
import { openAgentConnections } from './agents/connections.ts'
import { tellAgentsOfChanges } from './agents/notify-agents.ts'
import { usageRollUp } from './agents/roll-up-usage.ts'
import { createApp } from './app.ts'
import { endForgottenConnections } from './audit/connection-log.ts'
import { autobuild } from './autobuild/autobuild.ts'
import { dormantUsers } from './autobuild/dormant-users.ts'
import { purge } from './autobuild/purge.ts'
import { bringBack } from './autobuild/restart-after-reboot.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { ServerContext } from './context.ts'
import { openChannels } from './database/channels.ts'
import { connectDatabase, verifyConnection } from './database/connect.ts'
import { migrate } from './database/migrate.ts'
import { openOutageLog } from './database/outage-log.ts'
import { type BuiltinPostgres, startBuiltinPostgres } from './database/postgres/builtin-postgres.ts'
import { openEvents } from './events.ts'
import { createSignInAttempts } from './http/sign-in-attempts.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { createLog } from './log.ts'
import type { MetricsRecorder } from './metrics-recorder.ts'
import { startNotifier } from './notifications/notifier.ts'
import { failedBuildsReport } from './notifications/report-failed-builds.ts'
import { watchOpenFiles } from './open-files.ts'
import { startPeriodicTask } from './periodic-task.ts'
import { startProvisioners } from './provisioner/daemon.ts'
import { embeddedEngine } from './provisioner/engines/embedded.ts'
import { installAgent } from './provisioner/install-agent.ts'
import { ensureStarterTemplates } from './templates/starter-templates.ts'
import { openAccess } from './users/session-cache.ts'

/** One line of the start-up as a person sees it. */
export interface StartStep {
  readonly name: 'folder' | 'database' | 'migrations' | 'server' | 'provisioners'
  readonly title: string
  readonly state: 'running' | 'done' | 'failed'
  /** Since the step began. */
  readonly ms: number
  /** What it does at the moment. */
  readonly detail?: string
  /** After this long something is wrong. */
  readonly limitMs: number
}

const stepTable = {
  folder: { title: 'Data folder', limitMs: 2_000 },
  database: { title: 'Database', limitMs: 30_000 },
  migrations: { title: 'Tables', limitMs: 30_000 },
  server: { title: 'Server', limitMs: 5_000 },
  provisioners: { title: 'Provisioners', limitMs: 5_000 },
} as const satisfies Record<StartStep['name'], { title: string; limitMs: number }>

export interface RunningServer {
  /** Where it answers on this machine. */
  readonly url: string
  readonly secret: string
  readonly context: ServerContext
  readonly app: FastifyInstance
  /** Stops everything that coderd started, in order. Workspaces go on. */
  stop(): Promise<void>
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<void>
}

/** How long one part may take to close before the next is closed all the same: stopping must end. */
const closeLimitMs = 5_000

/** Starts coderd on a data folder and resolves when it answers.
 *  @throws AlreadyRunningError, ConfigError, StartError, MigrationError or an error of the port; what had been started
 *  is stopped again. */
export async function runServer(
  config: Config,
  onStep: (step: StartStep) => void = () => undefined,
  clock: Clock = systemClock,
): Promise<RunningServer> {
  const closers: (() => unknown)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await Promise.race([close(), sleep(closeLimitMs, undefined, { ref: false })])
  }
  try {
    return await start(config, onStep, clock, closers, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function start(
  config: Config,
  onStep: (step: StartStep) => void,
  clock: Clock,
  closers: (() => unknown)[],
  closeAll: () => Promise<void>,
): Promise<RunningServer> {
  const step = reporter(onStep)
  const log = createLog(config)
  const stopping = new AbortController()
  const stopped = Promise.withResolvers<void>()

  closers.push(await step('folder', async () => takeInstanceLock(config.dataDir)))
  // Copies files while the database starts; only the first build of this computer waits for it.
  const agentBinDir = installAgent(config.dataDir)
  agentBinDir.catch((error: unknown) => log.error({ err: error }, 'the agent could not be installed'))

  const state = { accessUrl: config.accessUrl, events: undefined as ServerContext['events'] | undefined }
  const postgresUrl = await step('database', async (say) => {
    if (config.postgresUrl !== '') {
      await verifyConnection(config.postgresUrl)
      return config.postgresUrl
    }
    const postgres: BuiltinPostgres = await startBuiltinPostgres({
      dataDir: config.dataDir,
      onStep: say,
      onEvent: (event) => {
        const away = event.kind !== 'back'
        log.warn(event.kind === 'failing' ? { err: event.error } : {}, `database ${event.kind}`)
        state.events?.announce({
          type: 'database',
          state: away ? 'recovering' : 'ready',
          message: away
            ? 'The database ended and is being brought back.'
            : `The database is back after ${event.awayMs} ms.`,
        })
      },
    })
    closers.push(() => postgres.stop())
    return postgres.url
  })

  const { db, pool, close } = connectDatabase({
    url: postgresUrl,
    maxConnections: config.postgresMaxConnections,
    onConnectionLost: (error) => {
      // Of an outage the listener tells, whose connection breaks with the others.
      if (!stopping.signal.aborted) log.debug({ reason: error.message }, 'a connection to the database broke')
    },
  })
  closers.push(close)
  await step('migrations', () => migrate(pool))
  const outages = openOutageLog(log)
  const channels = await openChannels({
    url: postgresUrl,
    onError: (error) => outages.failed('listening', error),
  })
  channels.onReconnect(() => outages.done('listening'))
  closers.push(() => channels.close())
  const access = await openAccess(db, channels)
  const events = await openEvents(channels)
  state.events = events

  const engine = embeddedEngine()
  closers.push(() => engine.close())
  const connections = openAgentConnections({ db, events, log, outages })
  const context: ServerContext = {
    config,
    get accessUrl() {
      return state.accessUrl
    },
    secret: randomBytes(32).toString('hex'),
    boot: randomUUID(),
    db,
    pool,
    channels,
    outages,
    events,
    sessions: access,
    signInAttempts: createSignInAttempts(),
    connections,
    metrics: await openMetrics(config, { db, pool, channels, connections, outages }),
    engine,
    log,
    clock,
    agentBinDir,
    signal: stopping.signal,
    requestStop: () => setImmediate(() => void stop()),
  }
  closers.push(() => context.connections.close())
  closers.push(tellAgentsOfChanges(context))

  // Another coderd may hold connections of its own on a database that is not ours alone.
  if (config.postgresUrl === '') await endForgottenConnections(db)

  const app = createApp(context)
  // Unheard it would end coderd.
  app.server.on('error', (error) => {
    if (app.server.listening)
      log.warn({ reason: explainShortage(error) ?? error.message }, 'a connection was not accepted')
  })
  const url = await step('server', () => listen(app, config))
  closers.push(() => app.close())
  closers.push(watchOpenFiles(log))
  state.accessUrl ||= url

  closers.push(await serveMetrics(context))
  const provisioners = await step('provisioners', () => startProvisioners(context))
  closers.push(() => provisioners.close())
  for (const work of [autobuild, purge, dormantUsers, usageRollUp]) {
    const running = startPeriodicTask(context, work(context))
    closers.push(() => running.close())
  }
  bringBack(context).catch((error: unknown) => log.error({ err: error }, 'what ended with the computer'))
  const reports = startPeriodicTask(context, failedBuildsReport(context))
  closers.push(() => reports.close())
  const notifier = await startNotifier(context)
  closers.push(() => notifier.close())
  ensureStarterTemplates(context).catch((error: unknown) => log.error({ err: error }, 'the starter templates'))

  publishRunFile(config, context, url)
  closers.push(() => removeRunFile(config.dataDir))
  log.info({ url, version, dataDir: config.dataDir }, 'coderd answers')
  if (config.unknownKeys.length > 0)
    log.warn({ keys: config.unknownKeys }, 'the configuration file contains unsupported keys')
  if (config.ignoredVariables.length > 0)
    log.warn({ names: config.ignoredVariables }, 'unsupported environment variables of Coder are ignored')

  let ending: Promise<void> | undefined
  const stop = () => {
    ending ??= (async () => {
      stopping.abort()
      await closeAll().finally(() => stopped.resolve())
    })()
    return ending
  }
  return { url, secret: context.secret, context, app, stop, stopped: stopped.promise }
}

/** Loaded only where they are wanted. */
const loadMetrics = () => import('./metrics/create-metrics.ts')

async function openMetrics(
  config: Config,
  context: Pick<ServerContext, 'db' | 'pool' | 'channels' | 'connections' | 'outages'>,
): Promise<MetricsRecorder | null> {
  return config.prometheusEnable ? (await loadMetrics()).createMetrics(context, config) : null
}

/** On the address that the settings name. @returns stops. */
async function serveMetrics({ metrics, config: { prometheusAddress } }: ServerContext): Promise<() => void> {
  if (!metrics || !prometheusAddress) return () => undefined
  const server = await (await loadMetrics()).serveMetrics(metrics, prometheusAddress)
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

/** Runs one step of the table and tells how it goes. */
function reporter(onStep: (step: StartStep) => void) {
  return async <T>(name: StartStep['name'], work: (say: (detail: string) => void) => Promise<T>): Promise<T> => {
    const began = performance.now()
    const tell = (state: StartStep['state'], detail?: string) =>
      onStep({
        name,
        ...stepTable[name],
        state,
        ms: Math.round(performance.now() - began),
        ...(detail ? { detail } : {}),
      })
    tell('running')
    try {
      const result = await work((detail) => tell('running', detail))
      tell('done')
      return result
    } catch (error) {
      tell('failed', error instanceof Error ? error.message : String(error))
      throw error
    }
  }
}

/** The port of the last run, kept because agents and bookmarks know it. */
const portFile = (dataDir: string) => join(dataDir, 'port')

/** Listens where the settings say; without a setting on the last port, else the default one, else any that is free. */
async function listen(app: FastifyInstance, config: Config): Promise<string> {
  const { host, port, isDefault } = config.httpAddress
  const candidates = isDefault ? [...new Set([lastPort(config.dataDir) ?? port, port, 0])] : [port]
  for (const candidate of candidates) {
    try {
      await app.listen({ host, port: candidate })
      break
    } catch (error) {
      const isLast = candidate === candidates.at(-1)
      if (isLast || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE')
        throw explainListenError(error, host, candidate)
    }
  }
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  if (isDefault) writeFileSync(portFile(config.dataDir), String(address.port))
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${address.port}`
}

function lastPort(dataDir: string): number | null {
  try {
    const port = Number(readFileSync(portFile(dataDir), 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : null
  } catch {
    return null // the first run
  }
}

function explainListenError(error: unknown, host: string, port: number): Error {
  const { code, message } = error as NodeJS.ErrnoException
  const reason: Record<string, string> = {
    EADDRINUSE: 'another program has it',
    EACCES: 'this user may not listen there',
    EADDRNOTAVAIL: 'this machine has no such address',
  }
  return new Error(
    `Port ${port} of ${host} cannot be used: ${reason[code ?? ''] ?? message}. Choose another with CODER_HTTP_ADDRESS, such as ${host}:${port + 1}.`,
    { cause: error },
  )
}

function publishRunFile(config: Config, context: ServerContext, url: string): void {
  const self = identifyProcess(process.pid)
  if (!self) throw new Error('this process cannot identify itself')
  writeRunFile(config.dataDir, {
    pid: self.pid,
    started_at: self.startedAt,
    boot_id: self.bootId,
    url,
    secret: context.secret,
    version,
  })
}
