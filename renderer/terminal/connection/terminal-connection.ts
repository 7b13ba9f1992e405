// Keeps a terminal of the page attached to a session of an agent: sends and receives frames, acknowledges parsed output, owns
// or follows the size, and reconnects. Independent of React and xterm; the agent owns the session, its process and its screen.

import { type AttachedFrame, acknowledgeEveryBytes, type TerminalPosition } from '../../../api/agents/agent-protocol.ts'
import {
  type AgentFrame,
  decodeAgentFrame,
  encodeFrame,
  encodeInput,
  isSameSize,
  type TerminalSize,
} from '../../../api/agents/terminal-frames.ts'
import { createReconnectingSocket } from '../../api/reconnecting-socket.ts'

export type TerminalState =
  | { readonly kind: 'connecting' }
  /** `behindMs`: age of the oldest unanswered ping; 0 while the agent answers promptly. */
  | { readonly kind: 'live'; readonly behindMs: number }
  /** `reason`: given by coderd when it closed the connection; empty without one. */
  | { readonly kind: 'reconnecting'; readonly since: number; readonly retryAt: number; readonly reason: string }
  | { readonly kind: 'exited'; readonly code: number; readonly signal: number }

/** The screen that the connection draws on. Callbacks run after the bytes are parsed, in the order of the calls. */
export interface TerminalScreen {
  /** Current size. */
  size(): TerminalSize
  /** Size that fits on the page at the full font size. */
  availableSize(): TerminalSize
  isVisible(): boolean
  resize(size: TerminalSize): void
  write(bytes: Uint8Array, onParsed: () => void): void
  /** Clears the screen and draws the pieces in this size without showing intermediate states. */
  redraw(size: TerminalSize, pieces: readonly Uint8Array[], onDrawn: () => void): void
}

export interface TerminalConnectionOptions {
  /** URL of the session for a terminal of this size. @param resume position of the output that is already drawn */
  readonly url: (size: TerminalSize, resume: TerminalPosition | undefined) => string
  readonly screen: TerminalScreen
  /** No input, no influence on the size. */
  readonly isReadOnly?: boolean
  readonly onState: (state: TerminalState) => void
  /** Called after the first connection and after each reconnection. */
  readonly onAttached?: (attached: AttachedFrame) => void
  /** Another client owns the size from now on; undefined: this one does again. */
  readonly onFollowing?: (size: TerminalSize | undefined) => void
  readonly openSocket?: (url: string) => WebSocket
  readonly wake?: (listener: () => void) => () => void
  readonly prepareRetry?: () => Promise<unknown>
}

export interface TerminalConnection {
  /** Sends input of the user and claims the size: the client with the latest input owns it. */
  input(data: string | Uint8Array): void
  /** Sends the terminal's answer to a query of a program; only the client that owns the size answers. */
  answer(data: string): void
  /** Call when the terminal becomes visible: claims the size if its owner has left. */
  claimReleasedSize(): void
  /** Claims the size of the session. */
  takeSize(): void
  /** Call when the available size may have changed. */
  resize(): void
  /** Reconnects without waiting for the backoff. */
  retry(): void
  /** Disconnects. The session keeps running in the agent. */
  close(): void
}

const pingIntervalMs = 2_000
// A delay from which users notice it; also the interval of the check.
const behindThresholdMs = 500
// Drops a connection without answers: a socket whose peer is gone does not close by itself. Long enough for a busy computer
// to recover without a redraw.
const silenceTimeoutMs = 10_000
// Input buffered while disconnected and sent after reattaching to the same session: enough for the line that the user types
// while coderd restarts.
const maxPendingInput = 1024

// The content does not matter: the connection stores the time of the oldest ping.
const pingBytes = new Uint8Array(8)

/** The last snapshot, until all history above it has arrived. */
interface Snapshot {
  readonly size: TerminalSize
  readonly bytes: Uint8Array
  readonly history: Uint8Array[]
}

export function connectTerminal(options: TerminalConnectionOptions): TerminalConnection {
  const { screen, isReadOnly = false } = options
  let isAttached = false
  let wasAttached = false
  /** False from an attach until its snapshot. */
  let isDrawn = false
  let attachedAt = 0
  let isClosed = false
  let pendingInput: (string | Uint8Array)[] = []
  let pendingLength = 0
  let requestedSize = screen.size()
  /** Last known size of the session. */
  let knownSize: TerminalSize | undefined
  let ownsSize = !isReadOnly
  /** The owner of the size has left while this terminal was hidden. */
  let isSizeReleased = false
  /** Offset of the next byte of output; undefined until the agent sends it. */
  let offset: number | undefined
  let epoch = ''
  let snapshot: Snapshot | undefined
  /** Redraws in progress. The size changes only afterward: a smaller size would scroll lines away. */
  let pendingRedraws = 0
  let parsedBytes = 0
  let pendingPingSince = 0
  let lastPingAt = 0

  const send = (frame: Uint8Array<ArrayBuffer>) => {
    socket.send(frame)
  }

  const sendInput = (data: string | Uint8Array) => {
    for (const frame of encodeInput(data)) send(frame)
  }

  /** Acknowledges bytes only to the connection that delivered them. */
  const acknowledge = (generation: number, byteCount: number) => {
    if (generation !== socket.generation()) return
    parsedBytes += byteCount
    if (parsedBytes < acknowledgeEveryBytes) return
    send(encodeFrame({ type: 'acknowledge', byteCount: parsedBytes }))
    parsedBytes = 0
  }

  /** Resizes the session to the available size if this client owns the size. */
  const applyAvailableSize = () => {
    if (!ownsSize || pendingRedraws > 0) return
    const availableSize = screen.availableSize()
    if (!isSameSize(availableSize, screen.size())) screen.resize(availableSize)
    if (!isAttached || (knownSize && isSameSize(availableSize, knownSize))) return
    knownSize = availableSize
    send(encodeFrame({ type: 'resize', size: availableSize }))
  }

  const followSize = (size: TerminalSize) => {
    knownSize = size
    ownsSize = false
    isSizeReleased = false
    screen.resize(size)
    options.onFollowing?.(size)
  }

  const claimSize = () => {
    isSizeReleased = false
    if (ownsSize || isReadOnly) return
    ownsSize = true
    options.onFollowing?.(undefined)
    applyAvailableSize()
  }

  const attach = (attached: AttachedFrame) => {
    const { created, cols, rows } = attached
    // Input for a lost session must not reach the session that replaces it.
    const pending = created && wasAttached ? [] : pendingInput
    pendingInput = []
    pendingLength = 0
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
    // Other clients were attached before and own the size.
    const isForeignSize = !created && !isSameSize(requestedSize, knownSize)
    if (ownsSize ? isForeignSize : !isSameSize(screen.size(), knownSize)) followSize(knownSize)
    for (const data of pending) sendInput(data)
    applyAvailableSize()
  }

  const forgetPosition = (attached: AttachedFrame) => {
    // Earlier agents send none.
    epoch = attached.epoch ?? ''
    offset = undefined
    snapshot = undefined
  }

  /** Undefined while history is missing: only a new attach delivers it. */
  const resumePosition = (): TerminalPosition | undefined =>
    epoch && offset !== undefined && !snapshot ? { epoch, offset } : undefined

  const handleFrame = (frame: AgentFrame) => {
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
        // Drawn when it is complete.
        snapshot?.history.push(frame.bytes)
        return
      case 'historyEnd':
        if (snapshot?.history.length) draw(generation, snapshot.size, [...snapshot.history, snapshot.bytes], 0)
        snapshot = undefined
        return
      case 'attached':
        return attach(frame.attached)
      case 'size':
        return followSize(frame.size)
      case 'sizeFree':
        if (screen.isVisible()) return claimSize()
        isSizeReleased = true
        return
      case 'exit':
        isClosed = true
        options.onState({ kind: 'exited', code: frame.code, signal: frame.signal })
        return close()
      case 'pong':
        return handlePong()
    }
  }

  const draw = (generation: number, size: TerminalSize, pieces: readonly Uint8Array[], byteCount: number) => {
    pendingRedraws++
    screen.redraw(size, pieces, () => {
      pendingRedraws--
      applyAvailableSize()
      acknowledge(generation, byteCount)
    })
  }

  const handlePong = () => {
    const wasBehind = pendingPingSince > 0 && Date.now() - pendingPingSince >= behindThresholdMs
    pendingPingSince = 0
    if (wasBehind && isDrawn) options.onState({ kind: 'live', behindMs: 0 })
  }

  const ping = (now: number) => {
    pendingPingSince = now
    lastPingAt = now
    send(encodeFrame({ type: 'ping', bytes: pingBytes }))
  }

  const checkSilence = () => {
    if (!socket.hasConnection()) return
    const now = Date.now()
    if (isAttached && !isDrawn && now - attachedAt >= silenceTimeoutMs)
      return socket.drop('The agent has attached the session but does not send its screen.')
    if (!pendingPingSince) {
      if (now - lastPingAt >= pingIntervalMs) ping(now)
      return
    }
    const behindMs = now - pendingPingSince
    if (behindMs >= silenceTimeoutMs) socket.drop()
    else if (isDrawn && behindMs >= behindThresholdMs) options.onState({ kind: 'live', behindMs })
  }

  const socket = createReconnectingSocket<ArrayBuffer>({
    url() {
      // A terminal that follows another client's size attaches with that size, and so does not change it.
      requestedSize = ownsSize ? screen.availableSize() : screen.size()
      return options.url(requestedSize, resumePosition())
    },
    binaryType: 'arraybuffer',
    ...(options.openSocket && { openSocket: options.openSocket }),
    ...(options.wake && { wake: options.wake }),
    ...(options.prepareRetry && { prepareRetry: options.prepareRetry }),
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
      if (frame) handleFrame(frame)
    },
    onLost({ reason, since, retryAt = since }) {
      isAttached = false
      isDrawn = false
      options.onState({ kind: 'reconnecting', since, retryAt, reason })
    },
  })

  const close = () => {
    isClosed = true
    clearInterval(silenceTimer)
    socket.close()
  }

  const silenceTimer = setInterval(checkSilence, behindThresholdMs)
  options.onState({ kind: 'connecting' })
  socket.open()

  return {
    input(data) {
      if (isReadOnly) return
      claimSize()
      if (isAttached) {
        sendInput(data)
        // Detects a silent agent sooner while the user types.
        const now = Date.now()
        if (!pendingPingSince && now - lastPingAt >= behindThresholdMs) ping(now)
        return
      }
      if (isClosed || pendingLength + data.length > maxPendingInput) return
      pendingInput.push(data)
      pendingLength += data.length
    },
    answer(data) {
      if (ownsSize && isAttached) sendInput(data)
    },
    claimReleasedSize() {
      if (isSizeReleased) claimSize()
    },
    takeSize: claimSize,
    resize: applyAvailableSize,
    retry: socket.retry,
    close,
  }
}
