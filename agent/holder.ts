// The terminal holder: owns the terminal sessions and their connection to coderd, and is the only process of the agent
// on the path of a keystroke. Starts the agent's services as a child process and outlives them.

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
const manifestTimeoutMs = 10_000
const manifestRetryMs = 1_000

// Limit for stop scripts: below the usual kill timeout of supervisors.
const servicesStopMs = 60_000
// How long the holder of the previous build may take to exit and release the session store.
const storeTimeoutMs = 5_000
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
  let store: Promise<SessionStore | undefined> | undefined
  let isReady = false
  const manifestReceived = Promise.withResolvers<void>()
  const connected = new AbortController()

  const traffic = new Traffic()
  const sessions = new Sessions(
    async (options) => {
      await waitForManifest()
      if (!manifest) throw new Error('The agent has not received its manifest yet. Try again in a moment.')
      return prepareShell(manifest, env, options)
    },
    (command, { id }) => services?.report(toReported(command, id)),
    log,
  )

  async function openStore({ terminals, ...agent }: Manifest): Promise<SessionStore | undefined> {
    const folder = sessionStoreFolder(settings.dataDir, env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), agent)
    if (!folder) return undefined
    try {
      const opened = await waitForSessionStore(() => openSessionStore(folder, terminals, log), storeTimeoutMs)
      if (opened) sessions.attachStore(opened)
      else log(`Another agent stores its terminals in ${folder}. Terminals of this agent are not stored.`)
      return opened
    } catch (error) {
      log(`Could not store terminals in ${folder}: ${(error as Error).message}`)
      return undefined
    }
  }

  /** Called after each connect: the workspace may have been renamed or its environment changed. */
  async function refreshManifest(): Promise<void> {
    while (!signal.aborted) {
      try {
        const fetched = await fetchManifest(settings)
        manifest = fetched
        sessions.setStoredLines(fetched.terminals.kept_lines)
        store ??= openStore(fetched)
        await store.then((opened) => opened?.setRetention(fetched.terminals))
        isReady = true
        manifestReceived.resolve()
        services?.upgrade()
        services ??= superviseServices(fetched, env, log, count, () => findServices(settings.dataDir))
        return
      } catch (error) {
        log(`Could not fetch the manifest: ${(error as Error).message}`)
        if (manifest) return
        await sleep(manifestRetryMs)
      }
    }
  }

  /** Resolves when the manifest has arrived and the stored sessions are loaded, or after a timeout. */
  async function waitForManifest(): Promise<void> {
    if (!isReady) await Promise.race([manifestReceived.promise, sleep(manifestTimeoutMs)])
  }

  const count = () => ({
    attached: sessions.list().reduce((sum, { clients }) => sum + clients, 0),
    ...traffic.bytes(),
  })

  const streams: Partial<Record<AgentTarget, (stream: ServerHttp2Stream, query: URLSearchParams) => void>> = {
    '/pty': (stream, query) => void openTerminal(sessions, stream, query),
    // Waits, so that the first answer includes the sessions of an earlier holder.
    '/terminals': (stream) => void waitForManifest().then(() => respond(stream, { terminals: sessions.list() })),
    '/terminals/close': (stream, query) =>
      void waitForManifest()
        .then(() => sessions.closeSession(query.get('id') ?? ''))
        .then((closed) => respond(stream, { closed })),
    '/manifest-changed': (stream) => {
      stream.respond({ ':status': 200 }, { endStream: true })
      void refreshManifest()
    },
  }

  const connection = keepConnected({
    settings,
    role: 'terminals',
    signal: connected.signal,
    onConnected: () => void refreshManifest(),
    onSession: (_session, socket) => traffic.watch(socket),
    onError: (error) => log(`${error.message} Reconnecting.`),
    onStream(path, query, stream) {
      // A broken stream affects its client only; the session continues.
      stream.on('error', () => stream.destroy())
      const open = streams[path as AgentTarget]
      if (open) open(stream, query)
      else stream.respond({ ':status': 404 }, { endStream: true })
    },
  })

  await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', resolve)))
  await services?.stop(servicesStopMs)
  await sessions.close(terminalGraceMs)
  ;(await store)?.close()
  connected.abort()
  await connection
}

function respond(stream: ServerHttp2Stream, value: object): void {
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
