// Test harness for terminals: a server with agent connections and the terminal relay but without database and
// authentication, agent processes, and a client for both terminal protocols.

import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { WebSocket, WebSocketServer } from 'ws'
import {
  type AgentIdentity,
  type AgentTarget,
  type AttachedFrame,
  acknowledgeEveryBytes,
  agentUpgradeProtocol,
  type TerminalPosition,
  type TerminalSession,
} from '../../../api/agents/agent-protocol.ts'
import { type ClientFrame, decodeAgentFrame, encodeFrame } from '../../../api/agents/terminal-frames.ts'
import { connectAgent, connectRawSocket, getManifest } from '../../../api/local.ts'
import { AgentSessions } from '../../relay/agent-sessions.ts'
import { joinTerminal } from '../../relay/join-terminal.ts'
import { RawSockets } from '../../relay/raw-sockets.ts'
import { rawSwitchingProtocols } from '../../relay/serve-tunnel.ts'
import { callAgent } from '../agent-requests.ts'

export const testAgent = { agentId: 'agent', workspaceId: 'workspace' }

export interface TerminalHarness {
  readonly url: string
  readonly connections: AgentSessions
  readonly rawSockets: RawSockets
  /** Request bodies of the agent by last path segment, in order. */
  readonly posted: { path: string; body: unknown }[]
  /** Emits `posted` for each body, and `manifest` when an agent reads its manifest. */
  readonly events: EventEmitter
  close(): Promise<void>
}

/** @param port 0 for any free port. @param manifest overrides of the empty manifest */
export async function startTerminalHarness({
  port = 0,
  manifest = {},
}: {
  port?: number
  manifest?: object
} = {}): Promise<TerminalHarness> {
  const connections = new AgentSessions()
  const rawSockets = new RawSockets(connections)
  const posted: TerminalHarness['posted'] = []
  const events = new EventEmitter()
  const server = createServer(async (request, response) => {
    if (request.url === getManifest.path) {
      events.emit('manifest')
      return response.end(JSON.stringify({ ...emptyManifest, ...manifest }))
    }
    const body: unknown = JSON.parse(Buffer.concat(await request.toArray()).toString())
    const entry = { path: request.url?.split('/').at(-1) ?? '', body }
    posted.push(entry)
    response.writeHead(request.method === 'PATCH' ? 200 : 204).end(request.method === 'PATCH' ? '{"message":""}' : '')
    events.emit('posted', entry)
  })
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    request.socket.setNoDelay(true)
    if (url.pathname === connectAgent.path) {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${agentUpgradeProtocol}\r\n\r\n`,
      )
      const identity = Object.fromEntries(url.searchParams) as unknown as AgentIdentity
      return connections.admit(testAgent, identity, socket, head)
    }
    if (url.pathname === connectRawSocket.path) {
      socket.write(rawSwitchingProtocols)
      if (!rawSockets.admit(url.searchParams.get('ticket') ?? '', request.socket)) socket.destroy()
      return
    }
    webSockets.handleUpgrade(request, socket, head, async (client) => {
      client.pause()
      const stream = await connections.dial(testAgent.agentId, '/pty', Object.fromEntries(url.searchParams))
      joinTerminal(client, stream)
      client.resume()
    })
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    rawSockets,
    posted,
    events,
    async close() {
      for (const client of webSockets.clients) client.terminate()
      rawSockets.close()
      await connections.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

/** Manifest of an agent without scripts, apps and metadata. */
export const emptyManifest = {
  agent_id: testAgent.agentId,
  agent_name: 'main',
  workspace_id: testAgent.workspaceId,
  workspace_name: 'test',
  owner_name: 'ada',
  access_url: '',
  directory: '',
  motd_file: '',
  environment: { SHELL: '/bin/bash', PS1: '$ ', ENV: '', BASH_ENV: '', HISTFILE: '' },
  metadata: [],
  healthchecks: [],
  terminals: { kept_lines: 0, kept_days: 1 },
  scripts: [],
}

const agentProgram = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url))

export interface RunningAgent {
  readonly process: ChildProcess
  /** Lines of standard error. */
  readonly log: string[]
  stop(): Promise<number | null>
}

/** @param stateDir folder of its terminals; default: a new folder */
export function startAgent(
  url: string,
  { token = 'token', program = agentProgram, stateDir = newStateDir(), env = {} as NodeJS.ProcessEnv } = {},
): RunningAgent {
  const agent = spawn(process.execPath, [program], {
    // Separate home: the user's shell startup files may be slow and leave lock files when killed.
    env: {
      ...process.env,
      HOME: stateDir,
      CODER_AGENT_URL: url,
      CODER_AGENT_TOKEN: token,
      XDG_STATE_HOME: stateDir,
      ...env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const log: string[] = []
  agent.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text))
  return {
    process: agent,
    log,
    async stop() {
      if (agent.exitCode !== null || agent.signalCode !== null) return agent.exitCode
      agent.kill('SIGTERM')
      await once(agent, 'exit')
      return agent.exitCode
    },
  }
}

export const newStateDir = () => mkdtempSync(join(tmpdir(), 'coder-local-state-'))

export interface TerminalOptions {
  readonly id: string
  readonly command?: string
  readonly cols?: number
  readonly rows?: number
  readonly protocol?: 1 | 2
  readonly readOnly?: boolean
  readonly folder?: string
  /** Shows an exited session instead of starting a new one. */
  readonly ended?: boolean
  readonly resume?: TerminalPosition
  /** False disables automatic acknowledgment. */
  readonly acknowledges?: boolean
  readonly webSocketOptions?: object
}

/** Terminal client: records all output as bytes and acknowledges it like the dashboard. */
export class TestTerminal {
  readonly socket: WebSocket
  readonly protocol: 1 | 2
  acknowledges: boolean
  attached: AttachedFrame | undefined
  exit: { code: number; signal: number } | undefined
  closeCode: number | undefined
  snapshots: string[] = []
  /** Scrollback of each completed snapshot. */
  histories: string[] = []
  /** Offset of the next byte of output. */
  offset = Number.NaN
  sizes: ({ cols: number; rows: number } | 'free')[] = []
  /** Received pong payloads. */
  pongs: string[] = []
  receivedBytes = 0
  /** All output as text, including snapshots; cleared by `clear`. */
  text = ''
  recordsText = true
  /** Called for each piece of output. */
  onOutput: (bytes: Buffer) => void = () => undefined
  #unacknowledged = 0
  #history = ''
  readonly #changed = new EventEmitter().setMaxListeners(0)

  constructor(
    url: string,
    {
      id,
      command = '',
      cols = 80,
      rows = 24,
      protocol = 2,
      acknowledges = true,
      readOnly,
      folder,
      ended,
      resume,
    }: TerminalOptions,
  ) {
    const query = new URLSearchParams({
      id,
      command,
      cols: `${cols}`,
      rows: `${rows}`,
      protocol: `${protocol}`,
      ...(readOnly ? { read_only: 'true' } : {}),
      ...(folder ? { folder } : {}),
      ...(ended ? { ended: 'true' } : {}),
      ...(resume ? { resume: `${resume.epoch}:${resume.offset}` } : {}),
    })
    this.protocol = protocol
    this.acknowledges = acknowledges
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/pty?${query}`, { perMessageDeflate: false })
    this.socket.on('error', () => undefined)
    this.socket.on('message', (message: Buffer) => {
      if (protocol === 1) this.#receiveOutput(message)
      else this.#readFrame(message)
      this.#changed.emit('change')
    })
    this.socket.on('close', (code) => {
      this.closeCode = code
      this.#changed.emit('change')
    })
  }

  /** Resolves when the condition is true; checks it after each message. */
  async until(condition: () => boolean, description = condition.toString()): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`timed out waiting for ${description}; last text: ${JSON.stringify(this.text.slice(-500))}`)
      await Promise.race([once(this.#changed, 'change'), new Promise((resolve) => setTimeout(resolve, 500).unref())])
    }
  }

  untilText(text: string): Promise<void> {
    return this.until(() => this.text.includes(text), text)
  }

  type(text: string | Buffer): void {
    if (this.protocol === 1) this.socket.send(JSON.stringify({ data: text.toString() }))
    else this.send({ type: 'input', bytes: Buffer.from(text) })
  }

  resize(cols: number, rows: number): void {
    if (this.protocol === 1) {
      this.socket.send(JSON.stringify({ height: rows, width: cols }))
      return
    }
    this.send({ type: 'resize', size: { cols, rows } })
  }

  acknowledge(bytes = this.#unacknowledged): void {
    this.#unacknowledged -= bytes
    this.send({ type: 'acknowledge', byteCount: bytes })
  }

  send(frame: ClientFrame): void {
    this.socket.send(encodeFrame(frame))
  }

  clear(): void {
    this.text = ''
    this.snapshots = []
    this.histories = []
  }

  /** Position from which to resume. */
  get position(): TerminalPosition {
    return { epoch: this.attached?.epoch ?? '', offset: this.offset }
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return
    this.socket.close()
    await once(this.socket, 'close')
  }

  #readFrame(message: Buffer): void {
    const frame = decodeAgentFrame(message)
    switch (frame?.type) {
      case 'attached':
        this.attached = frame.attached
        break
      case 'output':
        this.offset += frame.bytes.length
        this.#receiveOutput(frame.bytes)
        break
      case 'position':
        this.offset = frame.offset
        break
      case 'history':
        this.#history += frame.bytes.toString()
        break
      case 'historyEnd':
        this.histories.push(this.#history)
        this.#history = ''
        break
      case 'snapshot':
        this.snapshots.push(frame.bytes.toString())
        this.#receiveOutput(frame.bytes)
        break
      case 'pong':
        this.pongs.push(frame.bytes.toString())
        break
      case 'exit':
        this.exit = { code: frame.code, signal: frame.signal }
        break
      case 'sizeFree':
        this.sizes.push('free')
        break
      case 'size':
        this.sizes.push(frame.size)
    }
  }

  #receiveOutput(bytes: Buffer): void {
    this.receivedBytes += bytes.length
    if (this.recordsText) this.text += bytes.toString()
    this.onOutput(bytes)
    this.#unacknowledged += bytes.length
    if (this.protocol === 2 && this.acknowledges && this.#unacknowledged >= acknowledgeEveryBytes) this.acknowledge()
  }
}

// Allows for a computer under load.
const timeoutMs = 30_000

/** A shell that prints only its prompt. */
export const plainShell = "PS1='$ ' exec bash --norc --noprofile -i"

/** Starts a session with the plain shell and waits for its prompt. */
export async function connectShell(
  { url }: TerminalHarness,
  id: string,
  options: Partial<TerminalOptions> = {},
): Promise<TestTerminal> {
  const terminal = new TestTerminal(url, { id, command: plainShell, ...options })
  await terminal.untilText('$ ')
  return terminal
}

/** Returns the agent's response for a target. */
export const queryTestAgent = <T>(
  { connections }: TerminalHarness,
  target: AgentTarget,
  query?: Record<string, string>,
) => callAgent<T>(connections, testAgent.agentId, target, query)

export async function listTerminals(harness: TerminalHarness): Promise<TerminalSession[]> {
  const { terminals } = await queryTestAgent<{ terminals: TerminalSession[] }>(harness, '/terminals')
  return terminals
}

/** Polls a condition that emits no events. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
