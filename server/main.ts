// Starts and stops coderd. `start` is the list of start-up steps in order; the close stack undoes them in reverse.

import { randomBytes, randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { identifyProcess } from '../lib/process-identity.ts'
import { explainResourceError } from '../lib/resource-errors.ts'
import { removeRunFile, writeRunFile } from '../lib/run-file.ts'
import type { StartupStep } from '../lib/startup-step.ts'
import { version } from '../lib/version.ts'
import { openAgentConnections } from './agents/connections.ts'
import { notifyAgentsOfChanges } from './agents/notify-agents.ts'
import { usageRollUp } from './agents/roll-up-usage.ts'
import { createApp } from './app.ts'
import { closeStaleConnections } from './audit/connection-log.ts'
import { autobuild } from './autobuild/autobuild.ts'
import { dormantUsers } from './autobuild/dormant-users.ts'
import { purge } from './autobuild/purge.ts'
import { restartAfterReboot } from './autobuild/restart-after-reboot.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { startContainerBridges } from './container-bridges/container-bridges.ts'
import type { ServerContext } from './context.ts'
import { openEncryption } from './encryption/open-encryption.ts'
import { reencrypt } from './encryption/reencrypt.ts'
import { monitorFileDescriptors } from './file-descriptor-monitor.ts'
import { createSetupCode } from './http/operator-proof.ts'
import { createSignInAttempts } from './http/sign-in-attempts.ts'
import { returnMemoryWhenIdle } from './idle-memory.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { createLog } from './log.ts'
import type { MetricsRecorder } from './metrics-recorder.ts'
import { startNotifier } from './notifications/notifier.ts'
import { failedBuildsReport } from './notifications/report-failed-builds.ts'
import { startPeriodicTask } from './periodic-task.ts'
import { startProvisioners } from './provisioner/daemon.ts'
import { embeddedEngine } from './provisioner/engines/embedded.ts'
import { installAgent } from './provisioner/install-agent.ts'
import { type CloseStack, createCloseStack } from './startup/close-stack.ts'
import { restrictDataFolder } from './startup/data-folder.ts'
import { listen } from './startup/listen.ts'
import { openDatabase } from './startup/open-database.ts'
import { createStepReporter, type StepReporter } from './startup/step-reporter.ts'
import { ensureStarterTemplates } from './templates/starter-templates.ts'
import { openSessionCache } from './users/session-cache.ts'
import { hasUsers } from './users/users.ts'

export interface RunningServer {
  /** URL at which this machine reaches the server. */
  readonly url: string
  /** Secret of run.json. */
  readonly secret: string
  /** Code that creates the first user from elsewhere; undefined if there are users. */
  readonly setupCode: string | undefined
  readonly context: ServerContext
  readonly app: FastifyInstance
  /** Stops everything that coderd started, in reverse order. Workspaces keep running. */
  stop(): Promise<void>
  /** Resolves when coderd has stopped, also when the stop was requested over the API. */
  readonly stopped: Promise<void>
}

/** Starts coderd on a data folder; resolves when it accepts requests.
 *  @param interrupted ends the start before its next step
 *  @throws AlreadyRunningError, ConfigError, StartError, MigrationError, an error of the port or the reason of
 *  `interrupted`. Parts that were already started are stopped first. */
export async function runServer(
  config: Config,
  onStep: (step: StartupStep) => void = () => undefined,
  clock: Clock = systemClock,
  interrupted?: AbortSignal,
): Promise<RunningServer> {
  const log = createLog(config)
  const closers = createCloseStack(log)
  try {
    return await start(config, log, createStepReporter(onStep, interrupted), clock, closers)
  } catch (error) {
    await closers.closeAll()
    throw error
  }
}

async function start(
  config: Config,
  log: FastifyInstance['log'],
  step: StepReporter,
  clock: Clock,
  closers: CloseStack,
): Promise<RunningServer> {
  const shutdown = createShutdown(closers)

  const lock = await step('folder', async () => takeInstanceLock(config.dataDir))
  closers.add('instance lock', lock)
  restrictDataFolder(config.dataDir, log)
  // Copies files while the database starts; only the first build on this computer waits for it.
  const agentBinDir = installAgent(config.dataDir)
  agentBinDir.catch((error: unknown) => log.error({ err: error }, 'could not install the agent'))

  const database = await openDatabase(config, log, shutdown.signal, step, closers)
  const context = await createContext({ config, log, clock, agentBinDir, database, shutdown }, closers)
  // An external database may be shared with other coderds, which hold connections of their own.
  if (config.postgresUrl === '') await closeStaleConnections(context.db)

  const app = createApp(context)
  const url = await step('server', () => startListening(app, context, closers))
  closers.add('metrics listener', await serveMetrics(context))
  const provisioners = await step('provisioners', () => startProvisioners(context))
  closers.add('provisioners', () => provisioners.close())
  await startBackgroundTasks(context, closers)
  const bridges = await startContainerBridges(context, url)
  closers.add('container bridges', () => bridges.close())

  publishRunFile(config, context, url)
  closers.add('run file', () => removeRunFile(config.dataDir))
  log.info({ url, version, dataDir: config.dataDir }, 'coderd is ready')
  warnOfIgnoredSettings(context)
  const setupCode = (await hasUsers(context.db)) ? undefined : context.setupCode
  return { url, secret: context.secret, setupCode, context, app, stop: shutdown.stop, stopped: shutdown.stopped }
}

interface Shutdown {
  /** Aborted when the shutdown starts. */
  readonly signal: AbortSignal
  readonly stopped: Promise<void>
  /** Idempotent. */
  stop(): Promise<void>
}

function createShutdown(closers: CloseStack): Shutdown {
  const aborter = new AbortController()
  const stopped = Promise.withResolvers<void>()
  let closing: Promise<void> | undefined
  return {
    signal: aborter.signal,
    stopped: stopped.promise,
    stop() {
      aborter.abort()
      closing ??= closers.closeAll().finally(() => stopped.resolve())
      return closing
    },
  }
}

interface ContextParts extends Pick<ServerContext, 'config' | 'log' | 'clock' | 'agentBinDir'> {
  readonly database: Awaited<ReturnType<typeof openDatabase>>
  readonly shutdown: Shutdown
}

async function createContext(
  { config, log, clock, agentBinDir, database, shutdown }: ContextParts,
  closers: CloseStack,
): Promise<MutableAccessUrl<ServerContext>> {
  const { db, pool, channels, outages, events } = database
  const encryption = await openEncryption(config, db, log)
  const sessions = await openSessionCache(db, channels)
  const engine = embeddedEngine()
  closers.add('engine', () => engine.close())
  const agentConnections = openAgentConnections({ db, events, log, outages })
  const connections = agentConnections.relay
  const context = {
    config,
    accessUrl: config.accessUrl,
    secret: randomBytes(32).toString('hex'),
    setupCode: createSetupCode(),
    boot: randomUUID(),
    db,
    pool,
    channels,
    outages,
    events,
    encryption,
    sessions,
    signInAttempts: createSignInAttempts(),
    connections,
    metrics: await openMetrics(config, { db, pool, channels, connections, outages }),
    engine,
    log,
    clock,
    agentBinDir,
    signal: shutdown.signal,
    requestStop: () => setImmediate(() => void shutdown.stop()),
  }
  closers.add('agent connections', () => agentConnections.close())
  closers.add('agent notifications', notifyAgentsOfChanges(context))
  return context
}

/** The access URL defaults to the address that the server listens on, which is known last. */
type MutableAccessUrl<T extends ServerContext> = Omit<T, 'accessUrl'> & { accessUrl: string }

async function startListening(
  app: FastifyInstance,
  context: MutableAccessUrl<ServerContext>,
  closers: CloseStack,
): Promise<string> {
  // Without a listener an error of the socket, such as EMFILE, would end the process.
  app.server.on('error', (error) => {
    if (app.server.listening)
      context.log.warn({ reason: explainResourceError(error) ?? error.message }, 'could not accept a connection')
  })
  const url = await listen(app, context.config)
  closers.add('HTTP server', () => app.close())
  closers.add('file descriptor monitor', monitorFileDescriptors(context.log))
  closers.add('idle memory', returnMemoryWhenIdle())
  context.accessUrl ||= url
  return url
}

async function startBackgroundTasks(context: ServerContext, closers: CloseStack): Promise<void> {
  for (const task of [autobuild, purge, dormantUsers, usageRollUp, failedBuildsReport]) {
    const running = startPeriodicTask(context, task(context))
    closers.add('periodic task', () => running.close())
  }
  restartAfterReboot(context).catch((error: unknown) =>
    context.log.error({ err: error }, 'could not restart workspaces after a reboot'),
  )
  encryptStoredSecrets(context)
  const notifier = await startNotifier(context)
  closers.add('notifier', () => notifier.close())
  ensureStarterTemplates(context).catch((error: unknown) =>
    context.log.error({ err: error }, 'could not import the starter templates'),
  )
}

/** Runs beside requests, which read plain and encrypted values. */
function encryptStoredSecrets({ db, encryption, log, signal }: ServerContext): void {
  reencrypt(db, encryption, signal).then(
    (count) => count > 0 && log.info({ count, key: encryption.activeKeyId }, 'stored secrets were encrypted'),
    (error: unknown) => {
      if (!signal.aborted)
        log.error({ err: error }, 'could not encrypt all stored secrets; the next start of coderd tries again')
    },
  )
}

/** Imports the metrics code on demand, so that it costs nothing when metrics are disabled. */
const loadMetrics = () => import('./metrics/create-metrics.ts')

async function openMetrics(
  config: Config,
  context: Pick<ServerContext, 'db' | 'pool' | 'channels' | 'connections' | 'outages'>,
): Promise<MetricsRecorder | null> {
  return config.prometheusEnable ? (await loadMetrics()).createMetrics(context, config) : null
}

/** Serves metrics on the configured address. @returns a function that stops it */
async function serveMetrics({ metrics, config: { prometheusAddress }, accessUrl }: ServerContext): Promise<() => void> {
  if (!metrics || !prometheusAddress) return () => undefined
  const server = await (await loadMetrics()).serveMetrics(metrics, prometheusAddress, new URL(accessUrl).hostname)
  return () => {
    server.close()
    server.closeAllConnections()
  }
}

function warnOfIgnoredSettings({ config, log }: ServerContext): void {
  if (config.unknownKeys.length > 0)
    log.warn({ keys: config.unknownKeys }, 'the configuration file contains unsupported keys')
  if (config.ignoredVariables.length > 0)
    log.warn({ names: config.ignoredVariables }, 'unsupported environment variables of Coder are ignored')
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
