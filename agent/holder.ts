// The terminal holder. Only this process is on the path of a keystroke: one connection to coderd and the
// sessions. It starts the agent's services as a child process and outlives them.

import type { ServerHttp2Stream } from 'node:http2'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentTarget, PtyRequest, TerminalPosition } from '../api/agents/agent-protocol.ts'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import { keepConnected } from './connection.ts'
import { fetchManifest, type Manifest } from './manifest.ts'
import type { FinishedCommand } from './screens/drawing/marks.ts'
import { type ServiceSupervisor, superviseServices } from './service-supervisor.ts'
import { findServices } from './services-program.ts'
import type { AgentSettings } from './settings.ts'
import { prepareShell } from './shell.ts'
import {
  openSessionStore,
  type SessionStore,
  sessionStoreFolder,
  waitForSessionStore,
} from './terminals/session-store.ts'
import { Sessions } from './terminals/sessions.ts'
import { Traffic } from './traffic.ts'

// How long a terminal opened before the manifest arrives waits for it.
const manifestPatienceMs = 10_000
const manifestRetryMs = 1_000

// Limit for stop scripts: below the usual kill timeout of supervisors.
const servicesStopMs = 60_000
// How long the holder of the previous build may take to exit.
const keepingPatienceMs = 5_000
/** Grace period between SIGHUP and SIGKILL. */
const terminalGraceMs = 1_000

export interface HolderOptions {
  readonly settings: AgentSettings
  readonly env: NodeJS.ProcessEnv
  readonly log: (message: string) => void
  /** Shuts the agent down gracefully. */
  readonly signal: AbortSignal
}

/** Runs until the signal aborts; resolves after shutdown. */
export async function holdTerminals({ settings, env, log, signal }: HolderOptions): Promise<void> {
  let manifest: Manifest | undefined
  let services: ServiceSupervisor | undefined
  let keeping: Promise<SessionStore | undefined> | undefined
  let hasLearnt = false
  const manifestKnown = Promise.withResolvers<void>()
  const connected = new AbortController()

  const traffic = new Traffic()
  const sessions = new Sessions(
    async (wishes) => {
      await haveLearnt()
      if (!manifest) throw new Error('The agent has not received its manifest yet. Try again in a moment.')
      return prepareShell(manifest, env, wishes)
    },
    (command, { id }) => services?.report(toReported(command, id)),
    log,
  )

  async function keepScreens(learnt: Manifest): Promise<SessionStore | undefined> {
    const folder = sessionStoreFolder(
      settings.dataDir,
      env.XDG_STATE_HOME || join(homedir(), '.local', 'state'),
      learnt,
    )
    if (!folder) return undefined
    try {
      const opened = await waitForSessionStore(() => openSessionStore(folder, learnt.terminals, log), keepingPatienceMs)
      if (opened) sessions.keepIn(opened)
      else log(`Another agent stores its terminals in ${folder}. Terminals of this agent are not stored.`)
      return opened
    } catch (error) {
      log(`Could not store terminals in ${folder}: ${(error as Error).message}`)
      return undefined
    }
  }

  /** Fetched again after each connect: the workspace may have been renamed or its environment changed. */
  async function learn(): Promise<void> {
    while (!signal.aborted) {
      try {
        const learnt = await fetchManifest(settings)
        manifest = learnt
        sessions.keepLines(learnt.terminals.kept_lines)
        keeping ??= keepScreens(learnt)
        await keeping.then((kept) => kept?.setRetention(learnt.terminals))
        hasLearnt = true
        manifestKnown.resolve()
        services?.renew()
        services ??= superviseServices(learnt, env, log, count, () => findServices(settings.dataDir))
        return
      } catch (error) {
        log(`Could not fetch the manifest: ${(error as Error).message}`)
        if (manifest) return
        await sleep(manifestRetryMs)
      }
    }
  }

  /** Waits for the manifest, up to a limit. */
  async function haveLearnt(): Promise<void> {
    if (!hasLearnt) await Promise.race([manifestKnown.promise, sleep(manifestPatienceMs)])
  }

  const count = () => ({
    attached: sessions.list().reduce((sum, { clients }) => sum + clients, 0),
    ...traffic.bytes(),
  })

  const streams: Partial<Record<AgentTarget, (stream: ServerHttp2Stream, query: URLSearchParams) => void>> = {
    '/pty': (stream, query) => void openTerminal(sessions, stream, query),
    // Sessions of an earlier holder are listed from the first request on.
    '/terminals': (stream) => void haveLearnt().then(() => answer(stream, { terminals: sessions.list() })),
    '/terminals/close': (stream, query) =>
      void haveLearnt()
        .then(() => sessions.end(query.get('id') ?? ''))
        .then((closed) => answer(stream, { closed })),
    '/manifest-changed': (stream) => {
      stream.respond({ ':status': 200 }, { endStream: true })
      void learn()
    },
  }

  const connection = keepConnected({
    settings,
    role: 'terminals',
    signal: connected.signal,
    onConnected: () => void learn(),
    onSession: (_session, socket) => traffic.watch(socket),
    onTrouble: (error) => log(`${error.message} Reconnecting.`),
    onStream(path, query, stream) {
      // A broken stream ends its client only; the session continues.
      stream.on('error', () => stream.destroy())
      const open = streams[path as AgentTarget]
      if (open) open(stream, query)
      else stream.respond({ ':status': 404 }, { endStream: true })
    },
  })

  await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', resolve)))
  await services?.stop(servicesStopMs)
  await sessions.close(terminalGraceMs)
  ;(await keeping)?.close()
  connected.abort()
  await connection
}

function answer(stream: ServerHttp2Stream, value: object): void {
  if (stream.destroyed) return
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end(JSON.stringify(value))
}

// Limits of the command history (api/agents/terminals.ts, which is too large to load here).
const maxCommandLength = 64 * 1024
const maxFolderLength = 4_096

const toReported = ({ command, cwd, exit, startedAt, endedAt }: FinishedCommand, session: string): ReportedCommand => ({
  session_id: session,
  command: command.slice(0, maxCommandLength),
  cwd: cwd.slice(0, maxFolderLength),
  exit_code: exit ?? null,
  started_at: new Date(Math.min(startedAt, Date.now())).toISOString(),
  duration_ms: Math.max(0, endedAt - startedAt),
})

async function openTerminal(sessions: Sessions, stream: ServerHttp2Stream, query: URLSearchParams): Promise<void> {
  const request = readPtyRequest(query)
  try {
    const { session, isNew } = await sessions.findOrStart(request)
    if (stream.destroyed) return
    stream.respond({ ':status': 200 })
    session.attach(stream, request, isNew)
  } catch (error) {
    if (stream.destroyed) return
    stream.respond({ ':status': 503 })
    stream.end((error as Error).message)
  }
}

function readPtyRequest(query: URLSearchParams): PtyRequest {
  return {
    id: query.get('id') ?? '',
    rows: Number(query.get('rows')),
    cols: Number(query.get('cols')),
    command: query.get('command') ?? '',
    protocol: query.get('protocol') === '2' ? 2 : 1,
    readOnly: query.get('read_only') === 'true',
    shell: query.get('shell') ?? '',
    env: JSON.parse(query.get('env') || '{}') as Record<string, string>,
    folder: query.get('folder') ?? '',
    integration: query.get('integration') !== 'false',
    ended: query.get('ended') === 'true',
    images: query.get('images') === 'true',
    resume: readPosition(query.get('resume')),
  }
}

function readPosition(text: string | null): TerminalPosition | undefined {
  const [epoch, offset] = text?.split(':') ?? []
  return epoch && offset ? { epoch, offset: Number(offset) } : undefined
}
