// A terminal client without a browser: attaches to a session over a WebSocket with our frames
// (api/agents/agent-protocol.ts) and draws on a headless screen, so that tests can wait for screen contents.

import { randomUUID } from 'node:crypto'
import xterm from '@xterm/headless'
import { WebSocket } from 'ws'
import { type AttachedFrame, acknowledgeEveryBytes, type TerminalPosition } from '../../api/agents/agent-protocol.ts'
import { type AgentFrame, type ClientFrame, decodeAgentFrame, encodeFrame } from '../../api/agents/terminal-frames.ts'

export interface TerminalAddress {
  /** The URL of the deployment. */
  readonly url: string
  readonly token: string
  readonly agentId: string
  /** The ID of an existing session attaches to it. */
  readonly sessionId?: string
  readonly command?: string
  /** The size of the client's screen. */
  readonly size?: { readonly cols: number; readonly rows: number }
  readonly readOnly?: boolean
  /** The position up to which the client has drawn the output. */
  readonly resume?: TerminalPosition
}

export interface TerminalClient {
  readonly sessionId: string
  readonly attached: AttachedFrame
  /** The position from which another client can resume. */
  readonly position: TerminalPosition
  type(text: string): void
  resize(cols: number, rows: number): void
  /** The screen with its scrollback, without blank lines at the end. */
  text(): string
  /** Resolves when the screen shows the text. @throws Error with the screen after a timeout. */
  waitForText(text: string | RegExp): Promise<void>
  /** Resolves with the close code of the socket. */
  readonly closed: Promise<number>
  /** Detaches from the session, which continues. */
  detach(): Promise<void>
}

const defaultSize = { cols: 100, rows: 30 }
const resetTerminal = '\x1bc'

/** @throws Error when the socket closes before the session is attached. */
export async function openTerminal(address: TerminalAddress): Promise<TerminalClient> {
  const sessionId = address.sessionId ?? randomUUID()
  const screen = new xterm.Terminal({ ...(address.size ?? defaultSize), scrollback: 10_000, allowProposedApi: true })
  const socket = new WebSocket(ptyUrl(address, sessionId), { headers: { 'coder-session-token': address.token } })
  const attached = Promise.withResolvers<AttachedFrame>()
  const closed = Promise.withResolvers<number>()
  let unacknowledged = 0
  let offset = Number.NaN
  let snapshot: Buffer = Buffer.alloc(0)
  let history: Buffer[] = []

  const send = (frame: ClientFrame) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(encodeFrame(frame))
  }
  const draw = (bytes: Buffer) =>
    screen.write(bytes, () => {
      unacknowledged += bytes.length
      if (unacknowledged < acknowledgeEveryBytes) return
      send({ type: 'acknowledge', byteCount: unacknowledged })
      unacknowledged = 0
    })
  const receive = (frame: AgentFrame<Buffer>) => {
    if (frame.type === 'attached') attached.resolve(frame.attached)
    if (frame.type === 'output') {
      offset += frame.bytes.length
      draw(frame.bytes)
    }
    if (frame.type === 'position') offset = frame.offset
    if (frame.type === 'size') screen.resize(frame.size.cols, frame.size.rows)
    if (frame.type === 'snapshot') {
      screen.resize(frame.size.cols, frame.size.rows)
      snapshot = frame.bytes
      screen.write(resetTerminal)
      draw(snapshot)
    }
    if (frame.type === 'history') history.push(frame.bytes)
    if (frame.type === 'historyEnd') {
      screen.write(resetTerminal)
      for (const piece of [...history, snapshot]) screen.write(piece)
      history = []
    }
  }
  socket.on('message', (message: Buffer) => {
    const frame = decodeAgentFrame(message)
    if (frame) receive(frame)
  })
  socket.on('error', (error) => attached.reject(error))
  socket.on('close', (code, reason) => {
    attached.reject(new Error(`The terminal was closed before it was attached: ${code} ${reason}`))
    closed.resolve(code)
  })

  const text = () => textOf(screen)
  const frame = await attached.promise
  return {
    sessionId,
    attached: frame,
    get position() {
      return { epoch: frame.epoch, offset }
    },
    type: (keys) => send({ type: 'input', bytes: Buffer.from(keys) }),
    resize(cols, rows) {
      screen.resize(cols, rows)
      send({ type: 'resize', size: { cols, rows } })
    },
    text,
    waitForText: (wanted) => waitUntilShown(screen, text, wanted),
    closed: closed.promise,
    async detach() {
      socket.close()
      await closed.promise
      screen.dispose()
    },
  }
}

function ptyUrl(
  { url, agentId, command, size = defaultSize, readOnly, resume }: TerminalAddress,
  sessionId: string,
): string {
  const query = new URLSearchParams({
    reconnect: sessionId,
    width: String(size.cols),
    height: String(size.rows),
    protocol: '2',
    ...(command ? { command } : {}),
    ...(readOnly ? { read_only: 'true' } : {}),
    ...(resume ? { resume: `${resume.epoch}:${resume.offset}` } : {}),
  })
  return `${url.replace(/^http/, 'ws')}/api/v2/workspaceagents/${agentId}/pty?${query}`
}

function textOf(screen: xterm.Terminal): string {
  const { active } = screen.buffer
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
  return lines.join('\n').trimEnd()
}

const showTimeoutMs = 30_000

function waitUntilShown(screen: xterm.Terminal, text: () => string, wanted: string | RegExp): Promise<void> {
  const isShown = () => (typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()))
  if (isShown()) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const listener = screen.onWriteParsed(() => {
      if (!isShown()) return
      clearTimeout(timer)
      listener.dispose()
      resolve()
    })
    const timer = setTimeout(() => {
      listener.dispose()
      reject(new Error(`The terminal did not show ${wanted}. It shows:\n${text()}`))
    }, showTimeoutMs)
  })
}
