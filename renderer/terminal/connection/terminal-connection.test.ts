import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { type AttachedFrame, acknowledgeEveryBytes } from '../../../api/agents/agent-protocol.ts'
import { type ClientFrame, decodeClientFrame, encodeFrame } from '../../../api/agents/terminal-frames.ts'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** The agent's side of the socket, and a screen that parses only when the test calls `parseAll`. */
class ConnectionHarness {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  readonly written: string[] = []
  readonly states: TerminalState[] = []
  readonly resized: string[] = []
  size = { cols: 80, rows: 24 }
  availableSize = this.size
  isVisible = true
  readonly redrawn: string[][] = []
  readonly followed: string[] = []
  readonly requests: URLSearchParams[] = []
  wakeListeners: (() => void)[] = []
  #parseCallbacks: (() => void)[] = []
  #connection: TerminalConnection | undefined
  #waiters: (() => void)[] = []
  #sockets: ServerSocket[] = []
  readonly received: ClientFrame<Buffer>[] = []

  constructor() {
    this.server.on('connection', (socket, request) => {
      this.requests.push(new URL(request.url ?? '/', 'http://agent').searchParams)
      this.#sockets.push(socket)
      socket.on('message', (data: Buffer) => {
        const frame = decodeClientFrame(data)
        if (frame) this.received.push(frame)
        this.#notify()
      })
      this.#notify()
    })
  }

  async connect(isReadOnly = false): Promise<TerminalConnection> {
    if (!this.server.address()) await once(this.server, 'listening')
    const { port } = this.server.address() as AddressInfo
    this.#connection = connectTerminal({
      isReadOnly,
      url: ({ cols, rows }, resume) => {
        const drawn = resume ? `&resume=${resume.epoch}:${resume.offset}` : ''
        return `ws://127.0.0.1:${port}/?width=${cols}&height=${rows}${drawn}`
      },
      onFollowing: (size) => this.followed.push(size ? `${size.cols}x${size.rows}` : 'none'),
      openSocket: (url) => new NodeSocket(url) as unknown as WebSocket,
      wake: (listener) => {
        this.wakeListeners.push(listener)
        return () => undefined
      },
      onState: (state) => {
        this.states.push(state)
        this.#notify()
      },
      screen: {
        size: () => this.size,
        availableSize: () => this.availableSize,
        isVisible: () => this.isVisible,
        resize: (size) => {
          this.size = size
          this.resized.push(`${size.cols}x${size.rows}`)
        },
        write: (bytes, parsed) => {
          this.written.push(text(bytes))
          this.#parseCallbacks.push(parsed)
          this.#notify()
        },
        redraw: (size, pieces, drawn) => {
          this.size = size
          this.redrawn.push(pieces.map(text))
          this.#parseCallbacks.push(drawn)
          this.#notify()
        },
      },
    })
    return this.#connection
  }

  /** The nth opened socket, from 0. */
  async socket(index: number): Promise<ServerSocket> {
    await this.until(() => this.#sockets.length > index)
    return this.#sockets[index] as ServerSocket
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve))
  }

  parseAll(): void {
    for (const parsed of this.#parseCallbacks.splice(0)) parsed()
  }

  /** The received frames of one type. */
  frames<Type extends ClientFrame['type']>(type: Type): Extract<ClientFrame<Buffer>, { type: Type }>[] {
    return this.received.filter((frame): frame is Extract<ClientFrame<Buffer>, { type: Type }> => frame.type === type)
  }

  async close(): Promise<void> {
    this.#connection?.close()
    for (const socket of this.#sockets) socket.terminate()
    this.server.close()
    await once(this.server, 'close')
  }

  #notify(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

const attached = (created: boolean, cols = 80, rows = 24, more: Partial<AttachedFrame> = {}): Uint8Array =>
  encodeFrame({
    type: 'attached',
    attached: {
      created,
      pid: 1,
      cols,
      rows,
      epoch: 'one',
      nonce: '',
      resumed: false,
      restored_from: null,
      read_only: false,
      ...more,
    },
  })
const output = (content: string | Uint8Array) => encodeFrame({ type: 'output', bytes: Buffer.from(content) })
const history = (content: string) => encodeFrame({ type: 'history', bytes: Buffer.from(content) })
const historyEnd = encodeFrame({ type: 'historyEnd' })
const position = (offset: number) => encodeFrame({ type: 'position', offset })
const snapshot = (content: string, cols = 80, rows = 24) =>
  encodeFrame({ type: 'snapshot', size: { cols, rows }, bytes: Buffer.from(content) })
const size = (cols: number, rows: number) => encodeFrame({ type: 'size', size: { cols, rows } })

let harness: ConnectionHarness
afterEach(() => {
  vi.useRealTimers()
  return harness.close()
})

test('output is acknowledged only after it is parsed', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  agent.send(output(Buffer.alloc(acknowledgeEveryBytes / 2, 'a')))
  agent.send(output(Buffer.alloc(acknowledgeEveryBytes / 2, 'b')))
  await harness.until(() => harness.written.length === 2)
  expect(harness.frames('acknowledge')).toEqual([])
  harness.parseAll()
  await harness.until(() => harness.frames('acknowledge').length === 1)
  expect(harness.frames('acknowledge')[0]?.byteCount).toBe(acknowledgeEveryBytes)
})

test('output of a lost connection that is parsed later is not acknowledged to the next one', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(true))
  first.send(output(Buffer.alloc(acknowledgeEveryBytes)))
  await harness.until(() => harness.written.length === 1)
  first.terminate()
  const second = await harness.socket(1)
  second.send(attached(false, 80, 24, { resumed: true }))
  await harness.until(() => harness.states.filter(({ kind }) => kind === 'live').length === 2)
  harness.parseAll()
  connection.input('x')
  await harness.until(() => harness.frames('input').length === 1)
  expect(harness.frames('acknowledge')).toEqual([])
})

test('a snapshot is drawn in its size and acknowledged when it is drawn', async () => {
  harness = new ConnectionHarness()
  harness.availableSize = { cols: 100, rows: 30 }
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false, 100, 30))
  agent.send(snapshot('s'.repeat(acknowledgeEveryBytes), 100, 30))
  await harness.until(() => harness.redrawn.length === 1)
  expect(harness.size).toEqual({ cols: 100, rows: 30 })
  expect(harness.frames('acknowledge')).toEqual([])
  harness.parseAll()
  await harness.until(() => harness.frames('acknowledge').length === 1)
  expect(harness.frames('acknowledge')[0]?.byteCount).toBe(acknowledgeEveryBytes)
})

test('history is drawn above the snapshot when it is complete', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  agent.send(position(1000))
  agent.send(history('old '))
  agent.send(history('lines '))
  await harness.until(() => harness.redrawn.length === 1)
  expect(harness.redrawn).toEqual([['screen']])
  agent.send(historyEnd)
  agent.send(output('new'))
  await harness.until(() => harness.written.length === 1)
  expect(harness.redrawn[1]).toEqual(['old ', 'lines ', 'screen'])
})

test('an empty history causes no redraw', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  agent.send(historyEnd)
  agent.send(output('new'))
  await harness.until(() => harness.written.length === 1)
  expect(harness.redrawn).toEqual([['screen']])
})

test('a new connection resumes after the last drawn byte without clearing the screen', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(true))
  first.send(position(0))
  first.send(output('größe'))
  await harness.until(() => harness.written.length === 1)
  first.terminate()
  const second = await harness.socket(1)
  expect(harness.requests.map((query) => query.get('resume'))).toEqual([null, 'one:7'])
  second.send(attached(false, 80, 24, { resumed: true }))
  second.send(position(7))
  second.send(output('!'))
  await harness.until(() => harness.written.length === 2)
  second.terminate()
  await harness.socket(2)
  expect(harness.requests[2]?.get('resume')).toBe('one:8')
  expect(harness.redrawn).toEqual([])
})

test('a connection lost before the history was complete requests everything again', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(false))
  first.send(snapshot('screen'))
  first.send(position(1000))
  first.send(history('old'))
  await harness.until(() => harness.redrawn.length === 1)
  first.terminate()
  const second = await harness.socket(1)
  second.send(attached(false))
  second.send(snapshot('screen'))
  second.send(position(1000))
  second.send(historyEnd)
  await harness.until(() => harness.redrawn.length === 2)
  second.terminate()
  await harness.socket(2)
  expect(harness.requests.map((query) => query.get('resume'))).toEqual([null, null, 'one:1000'])
})

test('a reconnection without a known position requests the whole screen', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(true))
  first.send(output('a'))
  await harness.until(() => harness.written.length === 1)
  first.terminate()
  await harness.socket(1)
  expect(harness.requests[1]?.get('resume')).toBeNull()
})

test('input typed while disconnected reaches the same session after reconnecting', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  first.terminate()
  await harness.until(() => harness.states.at(-1)?.kind === 'reconnecting')
  connection.input('ls\r')
  const second = await harness.socket(1)
  second.send(attached(false))
  await harness.until(() => harness.frames('input').length === 1)
  expect(harness.frames('input').map(({ bytes }) => text(bytes))).toEqual(['ls\r'])
})

test('input for a lost session does not reach the session that replaces it', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const first = await harness.socket(0)
  first.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  first.terminate()
  await harness.until(() => harness.states.at(-1)?.kind === 'reconnecting')
  connection.input('rm -r build\r')
  const second = await harness.socket(1)
  second.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  connection.input('new')
  await harness.until(() => harness.frames('input').length === 1)
  expect(harness.frames('input').map(({ bytes }) => text(bytes))).toEqual(['new'])
  expect(harness.redrawn).toEqual([[]])
})

test('waking up reconnects without waiting for the backoff', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const first = await harness.socket(0)
  first.terminate()
  await harness.until(() => harness.states.at(-1)?.kind === 'reconnecting')
  for (const wake of harness.wakeListeners) wake()
  await harness.socket(1)
  const lost = harness.states.findLast((state) => state.kind === 'reconnecting')
  expect(lost?.kind === 'reconnecting' && Date.now() < lost.retryAt).toBe(true)
})

test('the exit of the process is reported with its code and ends reconnecting', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  agent.send(encodeFrame({ type: 'exit', code: 3, signal: 0 }))
  const closed = once(agent, 'close')
  await harness.until(() => harness.states.at(-1)?.kind === 'exited')
  await closed
  expect(harness.states.at(-1)).toEqual({ kind: 'exited', code: 3, signal: 0 })
  expect(harness.server.clients.size).toBe(0)
})

test('a change of the available size resizes the session once', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  harness.availableSize = { cols: 100, rows: 30 }
  connection.resize()
  connection.resize()
  connection.input('x')
  await harness.until(() => harness.frames('input').length === 1)
  expect(harness.frames('resize').map(({ size }) => size)).toEqual([{ cols: 100, rows: 30 }])
  expect(harness.size).toEqual({ cols: 100, rows: 30 })
})

test('an available size that changes during a redraw is applied afterward', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  await harness.until(() => harness.redrawn.length === 1)
  harness.availableSize = { cols: 80, rows: 22 }
  connection.resize()
  expect(harness.resized).toEqual([])
  harness.parseAll()
  expect(harness.resized).toEqual(['80x22'])
})

test("another client's size is followed until the user types here", async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(size(60, 20))
  await harness.until(() => harness.followed.length === 1)
  harness.availableSize = { cols: 90, rows: 24 }
  connection.resize()
  connection.answer('\x1b[?1;2c')
  expect(harness.size).toEqual({ cols: 60, rows: 20 })
  connection.input('x')
  await harness.until(() => harness.frames('input').length === 1)
  expect(harness.followed).toEqual(['60x20', 'none'])
  expect(harness.received.map(({ type }) => type).filter((type) => type !== 'ping')).toEqual(['resize', 'input'])
  expect(harness.frames('resize').map(({ size }) => size)).toEqual([{ cols: 90, rows: 24 }])
})

test('a released size is claimed immediately if visible, otherwise when the terminal becomes visible', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  for (const isVisible of [true, false]) {
    harness.isVisible = isVisible
    agent.send(size(60, 20))
    await harness.until(() => harness.followed.at(-1) === '60x20')
    agent.send(encodeFrame({ type: 'sizeFree' }))
    agent.send(output('next output'))
    const { length } = harness.written
    await harness.until(() => harness.written.length > length)
    expect(harness.followed.at(-1)).toBe(isVisible ? 'none' : '60x20')
    connection.claimReleasedSize()
    await harness.until(() => harness.followed.at(-1) === 'none')
  }
  await harness.until(() => harness.frames('resize').length === 2)
  expect(harness.frames('resize').map(({ size }) => size)).toEqual([
    { cols: 80, rows: 24 },
    { cols: 80, rows: 24 },
  ])
})

test("a client that follows another's size still follows it after reconnecting", async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(size(60, 20))
  await harness.until(() => harness.followed.length === 1)
  agent.terminate()
  await harness.socket(1)
  expect(harness.requests[1]?.get('width')).toBe('60')
})

test('a session with other clients keeps its size until this client claims it or the user types', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false, 120, 50))
  await harness.until(() => harness.followed.length === 1)
  connection.resize()
  connection.claimReleasedSize()
  expect([harness.followed, harness.size]).toEqual([['120x50'], { cols: 120, rows: 50 }])
  connection.takeSize()
  await harness.until(() => harness.frames('resize').length === 1)
  expect(harness.frames('resize').map(({ size }) => size)).toEqual([{ cols: 80, rows: 24 }])
  expect(harness.followed).toEqual(['120x50', 'none'])
})

test('a read-only client sends nothing and follows the size of the session', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect(true)
  const agent = await harness.socket(0)
  agent.send(attached(false, 120, 50, { read_only: true }))
  await harness.until(() => harness.followed.length === 1)
  expect(harness.followed).toEqual(['120x50'])
  connection.input('x')
  connection.answer('y')
  connection.resize()
  agent.send(output(Buffer.alloc(acknowledgeEveryBytes)))
  await harness.until(() => harness.written.length === 1)
  harness.parseAll()
  await harness.until(() => harness.frames('acknowledge').length === 1)
  expect(harness.frames('input')).toEqual([])
  expect(harness.frames('resize')).toEqual([])
})

test('the reason for closing a connection is reported', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.close(4001, 'The agent is not connected.')
  await harness.until(() => harness.states.at(-1)?.kind === 'reconnecting')
  expect(harness.states.at(-1)).toMatchObject({ kind: 'reconnecting', reason: 'The agent is not connected.' })
})

test('input is sent in whole characters', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  connection.input('größe 日本 👩‍💻')
  connection.input(Uint8Array.of(0xff, 0x00))
  await harness.until(() => harness.frames('input').length === 2)
  expect(text(harness.frames('input')[0]?.bytes ?? Buffer.alloc(0))).toBe('größe 日本 👩‍💻')
  expect(harness.frames('input')[1]?.bytes).toEqual(Buffer.of(0xff, 0x00))
})

test('a long paste is sent in several messages, complete and in order', async () => {
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  const paste = Array.from({ length: 100_000 }, (_, line) => `line ${line} größe\r`).join('')
  connection.input(paste)
  connection.input('end')
  await harness.until(() => text(harness.frames('input').at(-1)?.bytes ?? Buffer.alloc(0)) === 'end')
  const frames = harness.frames('input').map(({ bytes }) => bytes)
  expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(1024 * 1024)
  expect(text(Buffer.concat(frames))).toBe(`${paste}end`)
})

test('an existing session is live only when its screen is drawn', async () => {
  harness = new ConnectionHarness()
  await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(false))
  agent.send(size(60, 20))
  await harness.until(() => harness.followed.length === 1)
  expect(harness.states.map(({ kind }) => kind)).toEqual(['connecting'])
  agent.send(snapshot('screen'))
  await harness.until(() => harness.redrawn.length === 1)
  expect(harness.states.map(({ kind }) => kind)).toEqual(['connecting', 'live'])
})

test('input triggers a ping before the next regular one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  harness = new ConnectionHarness()
  const connection = await harness.connect()
  const agent = await harness.socket(0)
  agent.send(attached(true))
  await harness.until(() => harness.states.at(-1)?.kind === 'live')
  connection.input('a')
  connection.input('b')
  await harness.until(() => harness.frames('input').length === 2)
  expect(harness.received.map(({ type }) => type)).toEqual(['input', 'ping', 'input'])
})
