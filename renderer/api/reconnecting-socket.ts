// A WebSocket that reconnects with exponential backoff until it is closed. Owns the current connection, the retry timer
// and the wake listeners. Message formats, heartbeats and replay belong to the caller.

import { backoffMs, onWake } from './backoff.ts'

export interface LostConnection {
  /** Close code; 0 when the client dropped the connection. */
  readonly code: number
  readonly reason: string
  /** False when the connection could not be opened. */
  readonly wasOpen: boolean
  /** Time of the first loss since the last `confirm`, in ms of the wall clock. */
  readonly since: number
  /** Time of the next attempt, in ms of the wall clock; undefined when there is none. */
  readonly retryAt: number | undefined
}

/** Reaction to a closed connection: retry with backoff, retry immediately, or stop. */
export type Reconnection = 'backoff' | 'immediate' | 'stop'

export interface ReconnectingSocketOptions<Data> {
  /** Evaluated for each attempt. */
  readonly url: () => string
  /** Called before each attempt after a loss; must not reject. */
  readonly prepareRetry?: () => Promise<unknown>
  /** Called after each attempt has started. */
  readonly onConnecting?: () => void
  readonly onOpen?: () => void
  readonly onMessage: (data: Data) => void
  readonly onLost: (lost: LostConnection) => void
  /** Backoff by default. */
  readonly reconnection?: (code: number) => Reconnection
  readonly binaryType?: BinaryType
  readonly openSocket?: (url: string) => WebSocket
  readonly wake?: (listener: () => void) => () => void
}

export interface ReconnectingSocket {
  /** Starts connecting. Has no effect on a socket that is open already. */
  open(): void
  /** Connects immediately instead of waiting for the backoff. */
  retry(): void
  /** Sends only over an open connection; returns whether it did. */
  send(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): boolean
  /** The protocol works: the next loss starts a new backoff. */
  confirm(): void
  /** Abandons the current connection, for example after a heartbeat timeout, and reconnects with backoff. */
  drop(reason?: string): void
  /** Whether an attempt is pending or a connection exists. */
  hasConnection(): boolean
  /** Number of attempts so far; identifies the current connection. */
  generation(): number
  /** Stops reconnecting and releases everything. `open` may follow. */
  close(): void
}

const droppedCode = 0

export function createReconnectingSocket<Data>(options: ReconnectingSocketOptions<Data>): ReconnectingSocket {
  const openSocket = options.openSocket ?? ((url) => new WebSocket(url))
  let socket: WebSocket | undefined
  let wasOpen = false
  let isStopped = true
  let generation = 0
  let attempt = 0
  let lostSince = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let stopWaking: (() => void) | undefined

  const connect = () => {
    clearTimeout(retryTimer)
    const connecting = openSocket(options.url())
    if (options.binaryType) connecting.binaryType = options.binaryType
    socket = connecting
    wasOpen = false
    generation++
    connecting.addEventListener('open', () => {
      if (socket !== connecting) return
      wasOpen = true
      options.onOpen?.()
    })
    connecting.addEventListener('message', ({ data }: MessageEvent<Data>) => {
      if (socket === connecting) options.onMessage(data)
    })
    connecting.addEventListener('close', ({ code, reason }) => lose(connecting, code, reason))
    // A close event follows; Node.js throws on an error event without a listener.
    connecting.addEventListener('error', () => undefined)
    options.onConnecting?.()
  }

  const lose = (lost: WebSocket, code: number, reason: string) => {
    if (socket !== lost) return
    socket = undefined
    lost.close()
    lostSince ||= Date.now()
    const reconnection = options.reconnection?.(code) ?? 'backoff'
    if (reconnection === 'stop') {
      release()
      return options.onLost({ code, reason, wasOpen, since: lostSince, retryAt: undefined })
    }
    const delay = reconnection === 'immediate' ? 0 : backoffMs(attempt++)
    retryTimer = setTimeout(reconnect, delay)
    options.onLost({ code, reason, wasOpen, since: lostSince, retryAt: Date.now() + delay })
  }

  const release = () => {
    isStopped = true
    clearTimeout(retryTimer)
    stopWaking?.()
    stopWaking = undefined
  }

  const reconnect = () => {
    clearTimeout(retryTimer)
    if (!options.prepareRetry) return connect()
    const lastAttempt = generation
    void options.prepareRetry().then(() => {
      if (!isStopped && !socket && generation === lastAttempt) connect()
    })
  }

  const retry = () => {
    if (!isStopped && !socket) reconnect()
  }

  return {
    open() {
      if (!isStopped) return
      isStopped = false
      stopWaking = (options.wake ?? onWake)(retry)
      connect()
    },
    retry,
    send(data) {
      if (socket?.readyState !== WebSocket.OPEN) return false
      socket.send(data)
      return true
    },
    confirm() {
      attempt = 0
      lostSince = 0
    },
    drop(reason = '') {
      if (socket) lose(socket, droppedCode, reason)
    },
    hasConnection: () => socket !== undefined,
    generation: () => generation,
    close() {
      release()
      const closing = socket
      socket = undefined
      closing?.close()
    },
  }
}
