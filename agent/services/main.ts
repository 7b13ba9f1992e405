// Entry of the services process, a child of the terminal holder: lifecycle, scripts, metadata, statistics, health
// checks, the agent socket. May crash and restart without affecting terminals. Exits when the holder exits.

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AgentTarget, LifecycleState, ManifestScript } from '../../api/agents/agent-protocol.ts'
import { createClient } from '../../api/client.ts'
import { reportAppHealth, reportMetadata, reportResources, reportStartup, reportStats } from '../../api/local.ts'
import { ignoreClosedStdio } from '../../lib/ignore-closed-stdio.ts'
import { nodeRequest } from '../../lib/node-request.ts'
import { version } from '../../lib/version.ts'
import { keepConnected } from '../connection.ts'
import type { Manifest } from '../manifest.ts'
import type { FromServices, ServicesState, TerminalCounts, ToServices } from '../service-messages.ts'
import { readSettings } from '../settings.ts'
import { expandFolder, prepareShell } from '../shell.ts'
import { agentSocketPath } from '../socket-path.ts'
import { checkApps, type Health } from './app-health.ts'
import { forwardAppRequest } from './app-request.ts'
import { createCommandReports } from './command-reports.ts'
import { runOnSchedule } from './cron-scripts.ts'
import { listListeningPorts } from './listening-ports.ts'
import { createLogStream } from './logs.ts'
import { measureMetadata } from './metadata.ts'
import { createRawServices, openRawSocket } from './raw-sockets.ts'
import { createReports } from './reports.ts'
import { monitorResources } from './resource-monitors.ts'
import { openScriptFolder } from './script-folder.ts'
import { killScripts, runScripts, type ScriptOutcome } from './scripts.ts'
import { listenForPrograms } from './socket.ts'
import { SessionCounts } from './ssh/session-counts.ts'
import type { SshServer } from './ssh/ssh-server.ts'
import { reportStatsPeriodically } from './stats.ts'
import { createUnits } from './units.ts'

ignoreClosedStdio()
const settings = readSettings(process.env)
const client = createClient({
  get baseUrl() {
    return settings.url
  },
  token: settings.token,
  timeoutMs: 10_000,
  // `fetch` would add 7 MB to each agent.
  send: nodeRequest,
})
const stopped = new AbortController()
const reports = createReports(client)
const logs = createLogStream(client)
const commands = createCommandReports(client, (through) => sendToHolder({ kind: 'commands kept', through }))

let state: ServicesState
let manifest: Manifest
let scriptFolder: string
let startup: Promise<void> = Promise.resolve()
let session: ServerHttp2Session | undefined
/** Pending request for the counters. */
let onCounts: ((counts: TerminalCounts) => void) | undefined

const handlers: { readonly [K in ToServices['kind']]: (message: Extract<ToServices, { kind: K }>) => void } = {
  start(message) {
    state = message.memory
    manifest = message.manifest
    scriptFolder = openScriptFolder(settings.dataDir, process.env, manifest)
    startup = start()
  },
  counts: ({ counts }) => onCounts?.(counts),
  command: ({ command, number }) => commands.add(command, number),
  leave: () => void flushAndExit(),
  stop: () => void stop(),
}

// A newer holder may send messages unknown to these services.
process.on('message', (message: ToServices) => handlers[message.kind]?.(message as never))
process.on('disconnect', () => process.exit(0))
// Ignores stop signals, which also reach the process group: the holder handles them and sends `stop`.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

/** Ignores failures: sending to a holder that just exited fails, and its disconnect event follows. */
const sendToHolder = (message: FromServices) => process.send?.(message, () => undefined)

/** Changes the state and stores it in the holder. */
function updateState(changed: Partial<ServicesState>): void {
  state = { ...state, ...changed }
  sendToHolder({ kind: 'remember', memory: state })
}

function enterLifecycle(lifecycle: LifecycleState): Promise<void> {
  updateState({ lifecycle: { state: lifecycle, changed_at: new Date().toISOString() } })
  return reports.lifecycle(state.lifecycle)
}

/** Called after each connect: coderd may know this agent by the row of a newer build, without a state. */
function reportState(): void {
  void reports.send(reportStartup, { version, expanded_directory: expandFolder(manifest.directory) })
  if (state.lifecycle.state !== 'created') void reports.lifecycle(state.lifecycle)
}

async function start(): Promise<void> {
  void keepConnected({
    settings,
    role: 'services',
    signal: stopped.signal,
    onConnected: reportState,
    onSession: (opened) => {
      session = opened
    },
    onError: () => undefined, // reported by the holder, which shares the connection
    onStream(path, query, stream) {
      stream.on('error', () => stream.destroy())
      const open = streams[path as AgentTarget]
      if (open) open(stream, query)
      else stream.respond({ ':status': 404 }, { endStream: true })
    },
  })
  const socket = agentSocketPath(manifest.agent_id, process.env)
  if (socket) await listenForPrograms(socket, createUnits(), stopped.signal)
  startMeasuring()
  if (state.startup === 'not begun') return runStartup()
  if (state.startup === 'begun') return failInterruptedStartup()
}

const streams: Partial<Record<AgentTarget, (stream: ServerHttp2Stream, query: URLSearchParams) => void>> = {
  '/app-request': (stream, query) => void forwardAppRequest(stream, query),
  '/listening-ports': (stream) => void sendPorts(stream),
  '/raw-socket': (stream, query) => void openRawSocket(settings, rawServices, stream, query, stopped.signal),
}

const sshSessions = new SessionCounts()
let sshServer: Promise<SshServer> | undefined
const rawServices = createRawServices(async () => {
  sshServer ??= loadSshServer()
  return (await sshServer).accept
})

/** Loaded with the first connection: it would add to the memory of each agent. */
async function loadSshServer(): Promise<SshServer> {
  const [{ createSshServer }, { deriveHostKey }] = await Promise.all([
    import('./ssh/ssh-server.ts'),
    import('./ssh/host-key.ts'),
  ])
  return createSshServer({
    hostKey: deriveHostKey(manifest),
    prepare: async (command) => prepareShell(manifest, process.env, { command }),
    blocksFileTransfer: /^(1|t|true)$/i.test(process.env.CODER_AGENT_BLOCK_FILE_TRANSFER ?? ''),
    counts: sshSessions,
  })
}

async function sendPorts(stream: ServerHttp2Stream): Promise<void> {
  const ports = await listListeningPorts().catch(() => [])
  if (stream.destroyed) return
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify({ ports }))
}

/** Work that runs for the lifetime of the services: metadata, app health, stats, cron scripts. */
function startMeasuring(): void {
  const { signal } = measuring
  measureMetadata(manifest, async (values) => void (await client.call(reportMetadata, { body: { values } })), signal)
  // Absent in manifests of older coderds.
  const monitors = manifest.monitors ?? null
  monitorResources(
    monitors,
    async (samples) => void (await client.call(reportResources, { body: { samples } })),
    signal,
  )
  const reportHealth = (app_id: string, health: Health) => reports.send(reportAppHealth, { apps: [{ app_id, health }] })
  checkApps(manifest.healthchecks, reportHealth, signal)
  reportStatsPeriodically(
    {
      terminals: countTerminals,
      ssh: () => sshSessions.read(),
      session: () => session,
      send: (stats) => client.call(reportStats, { body: stats }),
      onReported: (told) => updateState({ told }),
    },
    state.told,
    signal,
  )
  const run = (script: ManifestScript) =>
    runScripts({ scripts: [script], stage: 'cron', manifest, folder: scriptFolder, logs, reports })
  // Starts after the start scripts, which may prepare the environment.
  const hasStarted = state.startup === 'ended' ? Promise.resolve() : startupFinished.promise
  void hasStarted.then(() => runOnSchedule(manifest.scripts, run, logs, signal))
}

const startupFinished = Promise.withResolvers<void>()
/** Aborted before the stop scripts, which may remove the measured resources. */
const measuring = new AbortController()

function countTerminals(): Promise<TerminalCounts> {
  return new Promise((resolve) => {
    onCounts = resolve
    sendToHolder({ kind: 'count' })
  })
}

async function runStartup(): Promise<void> {
  const scripts = manifest.scripts.filter((script) => script.run_on_start)
  updateState({ startup: 'begun' })
  void enterLifecycle('starting')
  const outcomes = await runScripts({ scripts, stage: 'start', manifest, folder: scriptFolder, logs, reports })
  // Logs are complete before the state is reported.
  await Promise.race([logs.flush(), reportTimeout()])
  if (stopped.signal.aborted || state.lifecycle.state !== 'starting') return
  updateState({ startup: 'ended' })
  startupFinished.resolve()
  void enterLifecycle(stateAfter(outcomes, { ok: 'ready', timed_out: 'start_timeout', failed: 'start_error' }))
}

/** The previous services exited while start scripts were running: the result is unknown, and a second run may do harm. */
function failInterruptedStartup(): void {
  for (const { log_source_id } of manifest.scripts.filter((script) => script.run_on_start)) {
    const text =
      'The agent was interrupted while this script was running. The script is not run again; restart the workspace to run it.'
    logs.write(log_source_id, 'error', text)
  }
  updateState({ startup: 'ended' })
  startupFinished.resolve()
  void enterLifecycle('start_error')
}

async function flushAndExit(): Promise<void> {
  measuring.abort()
  await Promise.race([Promise.all([logs.flush(), commands.flush()]), reportTimeout()])
  process.exit(0)
}

async function stop(): Promise<void> {
  const scripts = manifest?.scripts.filter((script) => script.run_on_stop) ?? []
  const shutdownReport = enterLifecycle('shutting_down')
  measuring.abort()
  killScripts()
  await startup
  const outcomes = await runScripts({ scripts, stage: 'stop', manifest, folder: scriptFolder, logs, reports })
  const exitReport = enterLifecycle(
    stateAfter(outcomes, { ok: 'off', timed_out: 'shutdown_timeout', failed: 'shutdown_error' }),
  )
  await Promise.race([Promise.all([shutdownReport, exitReport, logs.flush(), commands.flush()]), reportTimeout()])
  stopped.abort()
  process.exit(0)
}

// Limit for the last reports: coderd may be stopping, too.
const reportTimeoutMs = 2_000
const reportTimeout = () => new Promise((resolve) => setTimeout(resolve, reportTimeoutMs))

function stateAfter(
  outcomes: readonly ScriptOutcome[],
  states: { ok: LifecycleState; timed_out: LifecycleState; failed: LifecycleState },
): LifecycleState {
  if (outcomes.some(({ status }) => status === 'timed_out')) return states.timed_out
  if (outcomes.some(({ status }) => status === 'exit_failure')) return states.failed
  return states.ok
}
