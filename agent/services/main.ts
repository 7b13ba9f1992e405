// The services process of the agent, a child of the terminal holder: startup report, lifecycle, scripts with logs. May
// crash and restart without affecting terminals. Exits when the holder exits.

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AgentTarget, LifecycleState, ManifestScript } from '../../api/agents/agent-protocol.ts'
import { createClient } from '../../api/client.ts'
import { reportAppHealth, reportMetadata, reportResources, reportStartup, reportStats } from '../../api/local.ts'
import { ignoreClosedStdio } from '../../lib/ignore-closed-stdio.ts'
import { version } from '../../lib/version.ts'
import { keepConnected } from '../connection.ts'
import type { Manifest } from '../manifest.ts'
import type { AgentMemory, FromServices, TerminalCounts, ToServices } from '../service-messages.ts'
import { readSettings } from '../settings.ts'
import { expandFolder } from '../shell.ts'
import { agentSocketPath } from '../socket-path.ts'
import { checkApps, type Health } from './app-health.ts'
import { askApp } from './app-request.ts'
import { createCommandReports } from './command-reports.ts'
import { runOnSchedule } from './cron-scripts.ts'
import { listListeningPorts } from './listening-ports.ts'
import { createLogStream } from './logs.ts'
import { measureMetadata } from './metadata.ts'
import { createReports } from './reports.ts'
import { monitorResources } from './resource-monitors.ts'
import { killScripts, runScripts, type ScriptOutcome } from './scripts.ts'
import { listenForPrograms } from './socket.ts'
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
})
const ended = new AbortController()
const reports = createReports(client)
const logs = createLogStream(client)
const commands = createCommandReports(client, (through) => tellHolder({ kind: 'commands kept', through }))

let memory: AgentMemory
let manifest: Manifest
let starting: Promise<void> = Promise.resolve()
let session: ServerHttp2Session | undefined
/** Receives the requested counters. */
let counted: ((counts: TerminalCounts) => void) | undefined

const handlers: { readonly [K in ToServices['kind']]: (message: Extract<ToServices, { kind: K }>) => void } = {
  start(message) {
    memory = message.memory
    manifest = message.manifest
    starting = begin()
  },
  counts: ({ counts }) => counted?.(counts),
  command: ({ command, number }) => commands.add(command, number),
  leave: () => void leave(),
  stop: () => void stop(),
}

// A newer holder may send messages that these services do not know.
process.on('message', (message: ToServices) => handlers[message.kind]?.(message as never))
process.on('disconnect', () => process.exit(0))
// The holder handles stop signals; a signal to the process group must not end the services first.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

/** Sending to a holder that just died fails; its exit event follows. */
const tellHolder = (message: FromServices) => process.send?.(message, () => undefined)

function remember(changed: Partial<AgentMemory>): void {
  memory = { ...memory, ...changed }
  tellHolder({ kind: 'remember', memory })
}

function enter(state: LifecycleState): Promise<void> {
  remember({ lifecycle: { state, changed_at: new Date().toISOString() } })
  return reports.lifecycle(memory.lifecycle)
}

/** Reports the lifecycle state, also to a coderd that knows this agent by the row of a newer build. */
function introduce(): void {
  void reports.send(reportStartup, { version, expanded_directory: expandFolder(manifest.directory) })
  if (memory.lifecycle.state !== 'created') void reports.lifecycle(memory.lifecycle)
}

async function begin(): Promise<void> {
  void keepConnected({
    settings,
    role: 'services',
    signal: ended.signal,
    onConnected: introduce,
    onSession: (fresh) => {
      session = fresh
    },
    onTrouble: () => undefined, // reported by the holder, which shares the connection
    onStream(path, query, stream) {
      stream.on('error', () => stream.destroy())
      const open = streams[path as AgentTarget]
      if (open) open(stream, query)
      else stream.respond({ ':status': 404 }, { endStream: true })
    },
  })
  const socket = agentSocketPath(manifest.agent_id, process.env)
  if (socket) await listenForPrograms(socket, createUnits(), ended.signal)
  measure()
  if (memory.startup === 'not begun') return runStartup()
  if (memory.startup === 'begun') return giveUpStartup()
}

const streams: Partial<Record<AgentTarget, (stream: ServerHttp2Stream, query: URLSearchParams) => void>> = {
  '/app-request': (stream, query) => void askApp(stream, query),
  '/listening-ports': (stream) => void answerWithPorts(stream),
}

async function answerWithPorts(stream: ServerHttp2Stream): Promise<void> {
  const ports = await listListeningPorts().catch(() => [])
  if (stream.destroyed) return
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify({ ports }))
}

/** Work that runs for the lifetime of the services: metadata, app health, stats, cron scripts. */
function measure(): void {
  const { signal } = measuring
  measureMetadata(manifest, async (values) => void (await client.call(reportMetadata, { body: { values } })), signal)
  // Absent in manifests of older coderds.
  const monitors = manifest.monitors ?? null
  monitorResources(
    monitors,
    async (samples) => void (await client.call(reportResources, { body: { samples } })),
    signal,
  )
  const tell = (app_id: string, health: Health) => reports.send(reportAppHealth, { apps: [{ app_id, health }] })
  checkApps(manifest.healthchecks, tell, signal)
  reportStatsPeriodically(
    {
      terminals: countTerminals,
      session: () => session,
      send: (stats) => client.call(reportStats, { body: stats }),
      remember: (told) => remember({ told }),
    },
    memory.told,
    signal,
  )
  const run = (script: ManifestScript) => runScripts({ scripts: [script], stage: 'cron', manifest, logs, reports })
  // Starts after the start scripts, which may prepare the environment.
  const isReady = memory.startup === 'ended' ? Promise.resolve() : started.promise
  void isReady.then(() => runOnSchedule(manifest.scripts, run, logs, signal))
}

const started = Promise.withResolvers<void>()
/** Stopped before the stop scripts, which may remove what is measured. */
const measuring = new AbortController()

function countTerminals(): Promise<TerminalCounts> {
  return new Promise((resolve) => {
    counted = resolve
    tellHolder({ kind: 'count' })
  })
}

async function runStartup(): Promise<void> {
  const scripts = manifest.scripts.filter((script) => script.run_on_start)
  remember({ startup: 'begun' })
  void enter('starting')
  const outcomes = await runScripts({ scripts, stage: 'start', manifest, logs, reports })
  // Logs are complete before the state is reported.
  await Promise.race([logs.flush(), patience()])
  if (ended.signal.aborted || memory.lifecycle.state !== 'starting') return
  remember({ startup: 'ended' })
  started.resolve()
  void enter(stateAfter(outcomes, { ok: 'ready', timed_out: 'start_timeout', failed: 'start_error' }))
}

/** The services exited while scripts were running. Their result is unknown, and running them twice may do harm. */
function giveUpStartup(): void {
  for (const { log_source_id } of manifest.scripts.filter((script) => script.run_on_start)) {
    const text =
      'The agent was interrupted while this script was running. The script is not run again; restart the workspace to run it.'
    logs.write(log_source_id, 'error', text)
  }
  remember({ startup: 'ended' })
  started.resolve()
  void enter('start_error')
}

async function leave(): Promise<void> {
  measuring.abort()
  await Promise.race([Promise.all([logs.flush(), commands.flush()]), patience()])
  process.exit(0)
}

async function stop(): Promise<void> {
  const scripts = manifest?.scripts.filter((script) => script.run_on_stop) ?? []
  const isReported = enter('shutting_down')
  measuring.abort()
  killScripts()
  await starting
  const outcomes = await runScripts({ scripts, stage: 'stop', manifest, logs, reports })
  const isOff = enter(stateAfter(outcomes, { ok: 'off', timed_out: 'shutdown_timeout', failed: 'shutdown_error' }))
  await Promise.race([Promise.all([isReported, isOff, logs.flush(), commands.flush()]), patience()])
  ended.abort()
  process.exit(0)
}

// The deployment may be stopping, too: then nothing receives the last report.
const lastReportMs = 2_000
const patience = () => new Promise((resolve) => setTimeout(resolve, lastReportMs))

function stateAfter(
  outcomes: readonly ScriptOutcome[],
  states: { ok: LifecycleState; timed_out: LifecycleState; failed: LifecycleState },
): LifecycleState {
  if (outcomes.some(({ status }) => status === 'timed_out')) return states.timed_out
  if (outcomes.some(({ status }) => status === 'exit_failure')) return states.failed
  return states.ok
}
