// Keeps one terminal of the page attached to one session of an agent: frames in both directions, acknowledgement after
// the terminal has parsed, and dialling again until it holds. Knows no React and no xterm; the session, its process
// and its screen are the agent's.

import { acknowledgeEveryBytes } from '../../api/agent-protocol.ts'
import { backOffMs, onWake } from '../api/back-off.ts'
import {
  acknowledgeFrame,
  inputFrame,
  pingFrame,
  readFrame,
  resizeFrame,
  type TerminalFrame,
  type TerminalSize,
} from './terminal-frames.ts'

export type TerminalState =
  | { readonly kind: 'connecting' }
  /** `behindMs`: how long the agent has owed an answer, 0 while it is prompt. */
  | { readonly kind: 'live'; readonly behindMs: number }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly retryAt: number }
  | { readonly kind: 'exited'; readonly code: number; readonly signal: number }

/** What the connection draws on. `parsed` is called when the bytes are on the screen, in the order of the writes. */
export interface TerminalScreen {
  size(): TerminalSize
  resize(size: TerminalSize): void
  write(bytes: Uint8Array, parsed: () => void): void
}

export interface TerminalConnectionOptions {
  /** Address of the session for a terminal of this size. */
  readonly url: (size: TerminalSize) => string
  readonly screen: TerminalScreen
  readonly onState: (state: TerminalState) => void
  /** Called when the session is attached, also after each reconnection. */
  readonly onAttached?: (created: boolean) => void
  readonly openSocket?: (url: string) => WebSocket
  readonly wake?: (listener: () => void) => () => void
}

export interface TerminalConnection {
  input(data: string | Uint8Array): void
  /** The terminal's size may have changed. */
  resize(): void
  /** Dials at once instead of waiting for the back-off. */
  retry(): void
  /** Leaves the session. It goes on in the agent. */
  close(): void
}

const pingEveryMs = 2_000
// What people begin to notice; also how often it is looked at.
const behindFromMs = 500
// A socket whose other end is gone does not close by itself: after this long without any answer it is given up. Long
// enough for a busy computer to come back without the terminal being redrawn.
const silenceLimitMs = 10_000
// What is typed while the connection is away is kept up to this length, if the session is then found again: enough
// for the line one is typing when coderd restarts.
const maxHeldInput = 1024

// Clears the terminal in the order of the writes, where a call would overtake those not yet parsed.
const resetSequence = new TextEncoder().encode('\x1bc')

const isSameSize = (a: TerminalSize, b: TerminalSize): boolean => a.cols === b.cols && a.rows === b.rows

export function connectTerminal(options: TerminalConnectionOptions): TerminalConnection {
  const { screen } = options
  const openSocket = options.openSocket ?? ((url) => new WebSocket(url))
  let socket: WebSocket | undefined
  let isAttached = false
  let wasAttached = false
  let isOver = false
  let attempt = 0
  let lostSince = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let heldInput: (string | Uint8Array)[] = []
  let heldLength = 0
  let knownSize: TerminalSize | undefined
  let parsedBytes = 0
  let pendingPingSince = 0
  let lastPingAt = 0

  const send = (frame: ArrayBuffer | Uint8Array<ArrayBuffer>) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(frame)
  }

  /** Counts only towards the connection that brought the bytes. */
  const acknowledge = (from: WebSocket, byteCount: number) => {
    if (socket !== from) return
    parsedBytes += byteCount
    if (parsedBytes < acknowledgeEveryBytes) return
    send(acknowledgeFrame(parsedBytes))
    parsedBytes = 0
  }

  const writeOutput = (from: WebSocket, bytes: Uint8Array) => screen.write(bytes, () => acknowledge(from, bytes.length))

  const sendSize = () => {
    const size = screen.size()
    if (!isAttached || (knownSize && isSameSize(size, knownSize))) return
    knownSize = size
    send(resizeFrame(size))
  }

  const attach = ({ created, cols, rows }: { created: boolean; cols: number; rows: number }) => {
    // What was typed for a session that is gone is not meant for a new one.
    const held = created && wasAttached ? [] : heldInput
    heldInput = []
    heldLength = 0
    if (created && wasAttached) screen.write(resetSequence, () => undefined)
    isAttached = true
    wasAttached = true
    attempt = 0
    lostSince = 0
    knownSize = { cols, rows }
    options.onState({ kind: 'live', behindMs: 0 })
    options.onAttached?.(created)
    for (const data of held) send(inputFrame(data))
    sendSize()
  }

  const take = (from: WebSocket, frame: TerminalFrame) => {
    switch (frame.type) {
      case 'output':
        return writeOutput(from, frame.bytes)
      case 'snapshot':
        screen.resize(frame.size)
        screen.write(resetSequence, () => undefined)
        return writeOutput(from, frame.bytes)
      case 'attached':
        return attach(frame.attached)
      case 'size':
        knownSize = frame.size
        return screen.resize(frame.size)
      case 'exit':
        isOver = true
        options.onState({ kind: 'exited', code: frame.code, signal: frame.signal })
        return close()
      case 'pong':
        return hear()
    }
  }

  /** The agent answered: nothing is owed. */
  const hear = () => {
    const wasBehind = pendingPingSince > 0 && Date.now() - pendingPingSince >= behindFromMs
    pendingPingSince = 0
    if (wasBehind && isAttached) options.onState({ kind: 'live', behindMs: 0 })
  }

  const ping = (now: number) => {
    pendingPingSince = now
    lastPingAt = now
    send(pingFrame(now))
  }

  const watchSilence = () => {
    if (!socket) return
    const now = Date.now()
    if (!pendingPingSince) {
      if (now - lastPingAt >= pingEveryMs) ping(now)
      return
    }
    const behindMs = now - pendingPingSince
    if (behindMs >= silenceLimitMs) lose(socket)
    else if (isAttached && behindMs >= behindFromMs) options.onState({ kind: 'live', behindMs })
  }

  const dial = () => {
    clearTimeout(retryTimer)
    const opening = openSocket(options.url(screen.size()))
    opening.binaryType = 'arraybuffer'
    socket = opening
    isAttached = false
    parsedBytes = 0
    // Opening counts as owed too: a server that was stopped accepts and never answers.
    pendingPingSince = Date.now()
    opening.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      const frame = socket === opening && readFrame(data)
      if (frame) take(opening, frame)
    })
    opening.addEventListener('open', () => {
      if (socket === opening) pendingPingSince = 0
    })
    opening.addEventListener('close', () => lose(opening))
    opening.addEventListener('error', () => lose(opening))
  }

  const lose = (lost: WebSocket) => {
    if (socket !== lost || isOver) return
    socket = undefined
    isAttached = false
    lost.close()
    lostSince ||= Date.now()
    const delay = backOffMs(attempt++)
    options.onState({ kind: 'reconnecting', since: lostSince, retryAt: Date.now() + delay })
    retryTimer = setTimeout(dial, delay)
  }

  const retry = () => {
    if (!isOver && !socket) dial()
  }

  const close = () => {
    isOver = true
    clearTimeout(retryTimer)
    clearInterval(silenceTimer)
    stopWaking()
    const closing = socket
    socket = undefined
    closing?.close()
  }

  const silenceTimer = setInterval(watchSilence, behindFromMs)
  const stopWaking = (options.wake ?? onWake)(retry)
  options.onState({ kind: 'connecting' })
  dial()

  return {
    input(data) {
      if (isAttached) return send(inputFrame(data))
      if (isOver || heldLength + data.length > maxHeldInput) return
      heldInput.push(data)
      heldLength += data.length
    },
    resize: sendSize,
    retry,
    close,
  }
}
