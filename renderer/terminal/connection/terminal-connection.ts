// Keeps one terminal of the page attached to one session of an agent: frames in both directions, acknowledgement after
// the terminal has parsed, and dialling again until it holds. Knows no React and no xterm; the session, its process
// and its screen are the agent's.

import { type AttachedFrame, acknowledgeEveryBytes, type TerminalPosition } from '../../../api/agents/agent-protocol.ts'
import {
  type AgentFrame,
  decodeAgentFrame,
  encodeFrame,
  encodeInput,
  type TerminalSize,
} from '../../../api/agents/terminal-frames.ts'
import { createReconnectingSocket } from '../../api/reconnecting-socket.ts'

export type TerminalState =
  | { readonly kind: 'connecting' }
  /** `behindMs`: how long the agent has owed an answer, 0 while it is prompt. */
  | { readonly kind: 'live'; readonly behindMs: number }
  /** `reason`: what coderd said when it closed the connection; empty when it could not. */
  | { readonly kind: 'reconnecting'; readonly since: number; readonly retryAt: number; readonly reason: string }
  | { readonly kind: 'exited'; readonly code: number; readonly signal: number }

/** What the connection draws on. Callbacks come when the bytes are on the screen, in the order of the calls. */
export interface TerminalScreen {
  /** What is drawn now. */
  size(): TerminalSize
  /** What there is room for on the page. */
  room(): TerminalSize
  /** Whether the page shows it. */
  isShown(): boolean
  resize(size: TerminalSize): void
  write(bytes: Uint8Array, parsed: () => void): void
  /** Clears the screen and draws these pieces in a size, nothing of which is seen before all of it is. */
  redraw(size: TerminalSize, pieces: readonly Uint8Array[], drawn: () => void): void
}

export interface TerminalConnectionOptions {
  /** Address of the session for a terminal of this size. @param resume what is drawn already */
  readonly url: (size: TerminalSize, resume: TerminalPosition | undefined) => string
  readonly screen: TerminalScreen
  /** Only looks: neither types nor sizes. */
  readonly isReadOnly?: boolean
  readonly onState: (state: TerminalState) => void
  /** Called when the session is attached, also after each reconnection. */
  readonly onAttached?: (attached: AttachedFrame) => void
  /** Another client's size rules from now on, or ours does again (undefined). */
  readonly onFollowing?: (size: TerminalSize | undefined) => void
  readonly openSocket?: (url: string) => WebSocket
  readonly wake?: (listener: () => void) => () => void
}

export interface TerminalConnection {
  /** What the person does. Whoever typed last sets the size. */
  input(data: string | Uint8Array): void
  /** What a terminal answers to its program's questions by itself: only the terminal whose size rules may. */
  answer(data: string): void
  /** It is looked at: a size that nobody has said any more is ours to say from now on. */
  lookAt(): void
  /** The room on the page is the session's size from now on. */
  takeSize(): void
  /** There may be another room for it on the page. */
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

// The connection counts the time of the oldest ping itself, so the content does not matter.
const pingBytes = new Uint8Array(8)

const isSameSize = (a: TerminalSize, b: TerminalSize): boolean => a.cols === b.cols && a.rows === b.rows

/** What was drawn last as a whole, for as long as lines may come that belong above it. */
interface Snapshot {
  readonly size: TerminalSize
  readonly bytes: Uint8Array
  readonly history: Uint8Array[]
}

export function connectTerminal(options: TerminalConnectionOptions): TerminalConnection {
  const { screen, isReadOnly = false } = options
  let isAttached = false
  let wasAttached = false
  /** False from an attach to the screen that comes with it. */
  let isDrawn = false
  let attachedAt = 0
  let isOver = false
  let heldInput: (string | Uint8Array)[] = []
  let heldLength = 0
  let askedSize = screen.size()
  /** Of the session, as far as we know. */
  let knownSize: TerminalSize | undefined
  let isRuling = !isReadOnly
  /** Whose size it was has left while nobody looked here. */
  let isFree = false
  /** Of the next byte of output; undefined until the agent has said it. */
  let offset: number | undefined
  let epoch = ''
  let snapshot: Snapshot | undefined
  /** What is drawn in a size would scroll away in a smaller one: the room is taken when all of it is there. */
  let redrawings = 0
  let parsedBytes = 0
  let pendingPingSince = 0
  let lastPingAt = 0

  const send = (frame: Uint8Array<ArrayBuffer>) => {
    socket.send(frame)
  }

  const sendInput = (data: string | Uint8Array) => {
    for (const frame of encodeInput(data)) send(frame)
  }

  /** Counts only towards the connection that brought the bytes. */
  const acknowledge = (generation: number, byteCount: number) => {
    if (generation !== socket.generation()) return
    parsedBytes += byteCount
    if (parsedBytes < acknowledgeEveryBytes) return
    send(encodeFrame({ type: 'acknowledge', byteCount: parsedBytes }))
    parsedBytes = 0
  }

  /** The room on the page is the session's size, if it is ours to say. */
  const takeRoom = () => {
    if (!isRuling || redrawings > 0) return
    const room = screen.room()
    if (!isSameSize(room, screen.size())) screen.resize(room)
    if (!isAttached || (knownSize && isSameSize(room, knownSize))) return
    knownSize = room
    send(encodeFrame({ type: 'resize', size: room }))
  }

  const follow = (size: TerminalSize) => {
    knownSize = size
    isRuling = false
    isFree = false
    screen.resize(size)
    options.onFollowing?.(size)
  }

  const rule = () => {
    isFree = false
    if (isRuling || isReadOnly) return
    isRuling = true
    options.onFollowing?.(undefined)
    takeRoom()
  }

  const attach = (attached: AttachedFrame) => {
    const { created, cols, rows } = attached
    // What was typed for a session that is gone is not meant for a new one.
    const held = created && wasAttached ? [] : heldInput
    heldInput = []
    heldLength = 0
    if (!attached.resumed) forgetPosition(attached)
    if (created && wasAttached) screen.redraw({ cols, rows }, [], () => undefined)
    isAttached = true
    wasAttached = true
    socket.confirm()
    knownSize = { cols, rows }
    isDrawn = created || attached.resumed
    attachedAt = Date.now()
    if (isDrawn) options.onState({ kind: 'live', behindMs: 0 })
    options.onAttached?.(attached)
    // Others look at it who were here before.
    const isOthers = !created && !isSameSize(askedSize, knownSize)
    if (isRuling ? isOthers : !isSameSize(screen.size(), knownSize)) follow(knownSize)
    for (const data of held) sendInput(data)
    takeRoom()
  }

  const forgetPosition = (attached: AttachedFrame) => {
    // Agents of earlier releases say none.
    epoch = attached.epoch ?? ''
    offset = undefined
    snapshot = undefined
  }

  /** Nothing when what is above the screen has not come yet: only a new attach would bring it. */
  const position = (): TerminalPosition | undefined =>
    epoch && offset !== undefined && !snapshot ? { epoch, offset } : undefined

  const take = (frame: AgentFrame) => {
    const generation = socket.generation()
    switch (frame.type) {
      case 'output':
        snapshot = undefined
        if (offset !== undefined) offset += frame.bytes.length
        return screen.write(frame.bytes, () => acknowledge(generation, frame.bytes.length))
      case 'snapshot':
        snapshot = { size: frame.size, bytes: frame.bytes, history: [] }
        if (!isDrawn) options.onState({ kind: 'live', behindMs: 0 })
        isDrawn = true
        return draw(generation, frame.size, [frame.bytes], frame.bytes.length)
      case 'position':
        offset = frame.offset
        return
      case 'history':
        // Drawn when all of it is there.
        snapshot?.history.push(frame.bytes)
        return
      case 'historyEnd':
        if (snapshot?.history.length) draw(generation, snapshot.size, [...snapshot.history, snapshot.bytes], 0)
        snapshot = undefined
        return
      case 'attached':
        return attach(frame.attached)
      case 'size':
        return follow(frame.size)
      case 'sizeFree':
        if (screen.isShown()) return rule()
        isFree = true
        return
      case 'exit':
        isOver = true
        options.onState({ kind: 'exited', code: frame.code, signal: frame.signal })
        return close()
      case 'pong':
        return hear()
    }
  }

  const draw = (generation: number, size: TerminalSize, pieces: readonly Uint8Array[], byteCount: number) => {
    redrawings++
    screen.redraw(size, pieces, () => {
      redrawings--
      takeRoom()
      acknowledge(generation, byteCount)
    })
  }

  /** The agent answered: nothing is owed. */
  const hear = () => {
    const wasBehind = pendingPingSince > 0 && Date.now() - pendingPingSince >= behindFromMs
    pendingPingSince = 0
    if (wasBehind && isDrawn) options.onState({ kind: 'live', behindMs: 0 })
  }

  const ping = (now: number) => {
    pendingPingSince = now
    lastPingAt = now
    send(encodeFrame({ type: 'ping', bytes: pingBytes }))
  }

  const watchSilence = () => {
    if (!socket.hasConnection()) return
    const now = Date.now()
    if (isAttached && !isDrawn && now - attachedAt >= silenceLimitMs)
      return socket.drop('The agent has attached the session but does not send its screen.')
    if (!pendingPingSince) {
      if (now - lastPingAt >= pingEveryMs) ping(now)
      return
    }
    const behindMs = now - pendingPingSince
    if (behindMs >= silenceLimitMs) socket.drop()
    else if (isDrawn && behindMs >= behindFromMs) options.onState({ kind: 'live', behindMs })
  }

  const socket = createReconnectingSocket<ArrayBuffer>({
    url() {
      // A terminal that follows another client's size attaches with that size, and so does not change it.
      askedSize = isRuling ? screen.room() : screen.size()
      return options.url(askedSize, position())
    },
    binaryType: 'arraybuffer',
    ...(options.openSocket && { openSocket: options.openSocket }),
    ...(options.wake && { wake: options.wake }),
    onConnecting() {
      isAttached = false
      isDrawn = false
      parsedBytes = 0
      // Opening is a pending ping too: a suspended server accepts connections and never answers.
      pendingPingSince = Date.now()
    },
    onOpen() {
      pendingPingSince = 0
    },
    onMessage(data) {
      const frame = decodeAgentFrame(new Uint8Array(data))
      if (frame) take(frame)
    },
    onLost({ reason, since, retryAt = since }) {
      isAttached = false
      isDrawn = false
      options.onState({ kind: 'reconnecting', since, retryAt, reason })
    },
  })

  const close = () => {
    isOver = true
    clearInterval(silenceTimer)
    socket.close()
  }

  const silenceTimer = setInterval(watchSilence, behindFromMs)
  options.onState({ kind: 'connecting' })
  socket.open()

  return {
    input(data) {
      if (isReadOnly) return
      rule()
      if (isAttached) {
        sendInput(data)
        // Whoever types wants to know soon that nobody answers.
        const now = Date.now()
        if (!pendingPingSince && now - lastPingAt >= behindFromMs) ping(now)
        return
      }
      if (isOver || heldLength + data.length > maxHeldInput) return
      heldInput.push(data)
      heldLength += data.length
    },
    answer(data) {
      if (isRuling && isAttached) sendInput(data)
    },
    lookAt() {
      if (isFree) rule()
    },
    takeSize: rule,
    resize: takeRoom,
    retry: socket.retry,
    close,
  }
}
