import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { type AttachedFrame, acknowledgeEveryBytes, toAgent, toTerminal } from '../../../api/agents/agent-protocol.ts'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** The agent's side of the socket, and a screen that parses only when the test calls `parseAll`. */
class Scene {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  readonly written: string[] = []
  readonly states: TerminalState[] = []
  readonly resized: string[] = []
  size = { cols: 80, rows: 24 }
  room = this.size
  isVisible = true
  readonly redrawn: string[][] = []
  readonly followed: string[] = []
  readonly requests: URLSearchParams[] = []
  wakes: (() => void)[] = []
  #parsed: (() => void)[] = []
  #connection: TerminalConnection | undefined
  #changed: (() => void)[] = []
  #sockets: ServerSocket[] = []
  readonly received: Buffer[] = []

  constructor() {
    this.server.on('connection', (socket, request) => {
      this.requests.push(new URL(request.url ?? '/', 'http://agent').searchParams)
      this.#sockets.push(socket)
      socket.on('message', (data: Buffer) => {
        this.received.push(data)
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
        this.wakes.push(listener)
        return () => undefined
      },
      onState: (state) => {
        this.states.push(state)
        this.#notify()
      },
      screen: {
        size: () => this.size,
        room: () => this.room,
        isVisible: () => this.isVisible,
        resize: (size) => {
          this.size = size
          this.resized.push(`${size.cols}x${size.rows}`)
        },
        write: (bytes, parsed) => {
          this.written.push(text(bytes))
          this.#parsed.push(parsed)
          this.#notify()
        },
        redraw: (size, pieces, drawn) => {
          this.size = size
          this.redrawn.push(pieces.map(text))
          this.#parsed.push(drawn)
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
    while (!condition()) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  parseAll(): void {
    for (const parsed of this.#parsed.splice(0)) parsed()
  }

  /** Payloads of the received frames of one type. */
  frames(type: number): Buffer[] {
    return this.received.filter((frame) => frame[0] === type).map((frame) => frame.subarray(1))
  }

  async close(): Promise<void> {
    this.#connection?.close()
    for (const socket of this.#sockets) socket.terminate()
    this.server.close()
    await once(this.server, 'close')
  }

  #notify(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

const frame = (type: number, ...payload: Uint8Array[]): Buffer => Buffer.concat([Buffer.of(type), ...payload])
const attached = (created: boolean, cols = 80, rows = 24, more: Partial<AttachedFrame> = {}): Buffer =>
  frame(
    toTerminal.attached,
    Buffer.from(JSON.stringify({ created, pid: 1, cols, rows, epoch: 'one', resumed: false, ...more })),
  )
const position = (offset: number): Buffer => {
  const packed = Buffer.alloc(8)
  packed.writeDoubleBE(offset)
  return frame(toTerminal.position, packed)
}
const snapshot = (content: string, cols = 80, rows = 24) =>
  frame(toTerminal.snapshot, cells(cols, rows), Buffer.from(content))
const cells = (cols: number, rows: number): Buffer => {
  const packed = Buffer.alloc(4)
  packed.writeUInt16BE(cols, 0)
  packed.writeUInt16BE(rows, 2)
  return packed
}

let scene: Scene
afterEach(() => {
  vi.useRealTimers()
  return scene.close()
})

test('output is acknowledged only after it is parsed', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  agent.send(frame(toTerminal.output, Buffer.alloc(acknowledgeEveryBytes / 2, 'a')))
  agent.send(frame(toTerminal.output, Buffer.alloc(acknowledgeEveryBytes / 2, 'b')))
  await scene.until(() => scene.written.length === 2)
  expect(scene.frames(toAgent.acknowledge)).toEqual([])
  scene.parseAll()
  await scene.until(() => scene.frames(toAgent.acknowledge).length === 1)
  expect(scene.frames(toAgent.acknowledge)[0]?.readUInt32BE(0)).toBe(acknowledgeEveryBytes)
})

test('output of a lost connection that is parsed later is not acknowledged to the next one', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  first.send(frame(toTerminal.output, Buffer.alloc(acknowledgeEveryBytes)))
  await scene.until(() => scene.written.length === 1)
  first.terminate()
  const second = await scene.socket(1)
  second.send(attached(false, 80, 24, { resumed: true }))
  await scene.until(() => scene.states.filter(({ kind }) => kind === 'live').length === 2)
  scene.parseAll()
  connection.input('x')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.acknowledge)).toEqual([])
})

test('a snapshot is drawn in its size and acknowledged when it is drawn', async () => {
  scene = new Scene()
  scene.room = { cols: 100, rows: 30 }
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false, 100, 30))
  agent.send(frame(toTerminal.snapshot, cells(100, 30), Buffer.alloc(acknowledgeEveryBytes, 's')))
  await scene.until(() => scene.redrawn.length === 1)
  expect(scene.size).toEqual({ cols: 100, rows: 30 })
  expect(scene.frames(toAgent.acknowledge)).toEqual([])
  scene.parseAll()
  await scene.until(() => scene.frames(toAgent.acknowledge).length === 1)
  expect(scene.frames(toAgent.acknowledge)[0]?.readUInt32BE(0)).toBe(acknowledgeEveryBytes)
})

test('history is drawn above the snapshot when it is complete', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  agent.send(position(1000))
  agent.send(frame(toTerminal.history, Buffer.from('old ')))
  agent.send(frame(toTerminal.history, Buffer.from('lines ')))
  await scene.until(() => scene.redrawn.length === 1)
  expect(scene.redrawn).toEqual([['screen']])
  agent.send(frame(toTerminal.historyEnd))
  agent.send(frame(toTerminal.output, Buffer.from('new')))
  await scene.until(() => scene.written.length === 1)
  expect(scene.redrawn[1]).toEqual(['old ', 'lines ', 'screen'])
})

test('an empty history causes no redraw', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  agent.send(frame(toTerminal.historyEnd))
  agent.send(frame(toTerminal.output, Buffer.from('new')))
  await scene.until(() => scene.written.length === 1)
  expect(scene.redrawn).toEqual([['screen']])
})

test('a new connection resumes after the last drawn byte without clearing the screen', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  first.send(position(0))
  first.send(frame(toTerminal.output, Buffer.from('größe')))
  await scene.until(() => scene.written.length === 1)
  first.terminate()
  const second = await scene.socket(1)
  expect(scene.requests.map((query) => query.get('resume'))).toEqual([null, 'one:7'])
  second.send(attached(false, 80, 24, { resumed: true }))
  second.send(position(7))
  second.send(frame(toTerminal.output, Buffer.from('!')))
  await scene.until(() => scene.written.length === 2)
  second.terminate()
  await scene.socket(2)
  expect(scene.requests[2]?.get('resume')).toBe('one:8')
  expect(scene.redrawn).toEqual([])
})

test('a connection lost before the history was complete requests everything again', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(false))
  first.send(snapshot('screen'))
  first.send(position(1000))
  first.send(frame(toTerminal.history, Buffer.from('old')))
  await scene.until(() => scene.redrawn.length === 1)
  first.terminate()
  const second = await scene.socket(1)
  second.send(attached(false))
  second.send(snapshot('screen'))
  second.send(position(1000))
  second.send(frame(toTerminal.historyEnd))
  await scene.until(() => scene.redrawn.length === 2)
  second.terminate()
  await scene.socket(2)
  expect(scene.requests.map((query) => query.get('resume'))).toEqual([null, null, 'one:1000'])
})

test('an agent that sends no position is asked for its screen', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  first.send(frame(toTerminal.output, Buffer.from('a')))
  await scene.until(() => scene.written.length === 1)
  first.terminate()
  await scene.socket(1)
  expect(scene.requests[1]?.get('resume')).toBeNull()
})

test('input typed while disconnected reaches the same session after reconnecting', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  first.terminate()
  await scene.until(() => scene.states.at(-1)?.kind === 'reconnecting')
  connection.input('ls\r')
  const second = await scene.socket(1)
  second.send(attached(false))
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.input).map(text)).toEqual(['ls\r'])
})

test('input for a lost session does not reach the session that replaces it', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  first.terminate()
  await scene.until(() => scene.states.at(-1)?.kind === 'reconnecting')
  connection.input('rm -r build\r')
  const second = await scene.socket(1)
  second.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  connection.input('new')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.input).map(text)).toEqual(['new'])
  expect(scene.redrawn).toEqual([[]])
})

test('waking up reconnects without waiting for the backoff', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.terminate()
  await scene.until(() => scene.states.at(-1)?.kind === 'reconnecting')
  for (const wake of scene.wakes) wake()
  await scene.socket(1)
  const lost = scene.states.findLast((state) => state.kind === 'reconnecting')
  expect(lost?.kind === 'reconnecting' && Date.now() < lost.retryAt).toBe(true)
})

test('the exit of the process is reported with its code and ends reconnecting', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  const exit = Buffer.alloc(8)
  exit.writeInt32BE(3, 0)
  agent.send(frame(toTerminal.exit, exit))
  const closed = once(agent, 'close')
  await scene.until(() => scene.states.at(-1)?.kind === 'exited')
  await closed
  expect(scene.states.at(-1)).toEqual({ kind: 'exited', code: 3, signal: 0 })
  expect(scene.server.clients.size).toBe(0)
})

test('a changed room resizes the session once', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  scene.room = { cols: 100, rows: 30 }
  connection.resize()
  connection.resize()
  connection.input('x')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.resize)).toEqual([cells(100, 30)])
  expect(scene.size).toEqual({ cols: 100, rows: 30 })
})

test('a room that changes during a redraw is applied afterwards', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(snapshot('screen'))
  await scene.until(() => scene.redrawn.length === 1)
  scene.room = { cols: 80, rows: 22 }
  connection.resize()
  expect(scene.resized).toEqual([])
  scene.parseAll()
  expect(scene.resized).toEqual(['80x22'])
})

test("another client's size is followed until the user types here", async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(frame(toTerminal.size, cells(60, 20)))
  await scene.until(() => scene.followed.length === 1)
  scene.room = { cols: 90, rows: 24 }
  connection.resize()
  connection.answer('\x1b[?1;2c')
  expect(scene.size).toEqual({ cols: 60, rows: 20 })
  connection.input('x')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.followed).toEqual(['60x20', 'none'])
  expect(scene.received.map(([type]) => type).filter((type) => type !== toAgent.ping)).toEqual([
    toAgent.resize,
    toAgent.input,
  ])
  expect(scene.frames(toAgent.resize)).toEqual([cells(90, 24)])
})

test('a released size is claimed immediately if visible, otherwise when the terminal becomes visible', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  for (const isVisible of [true, false]) {
    scene.isVisible = isVisible
    agent.send(frame(toTerminal.size, cells(60, 20)))
    await scene.until(() => scene.followed.at(-1) === '60x20')
    agent.send(frame(toTerminal.sizeFree, Buffer.alloc(0)))
    agent.send(frame(toTerminal.output, Buffer.from('said next')))
    const { length } = scene.written
    await scene.until(() => scene.written.length > length)
    expect(scene.followed.at(-1)).toBe(isVisible ? 'none' : '60x20')
    connection.claimReleasedSize()
    await scene.until(() => scene.followed.at(-1) === 'none')
  }
  await scene.until(() => scene.frames(toAgent.resize).length === 2)
  expect(scene.frames(toAgent.resize)).toEqual([cells(80, 24), cells(80, 24)])
})

test("a client that follows another's size still follows it after reconnecting", async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(frame(toTerminal.size, cells(60, 20)))
  await scene.until(() => scene.followed.length === 1)
  agent.terminate()
  await scene.socket(1)
  expect(scene.requests[1]?.get('width')).toBe('60')
})

test('a session with other clients keeps its size until this client claims it or the user types', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false, 120, 50))
  await scene.until(() => scene.followed.length === 1)
  connection.resize()
  connection.claimReleasedSize()
  expect([scene.followed, scene.size]).toEqual([['120x50'], { cols: 120, rows: 50 }])
  connection.takeSize()
  await scene.until(() => scene.frames(toAgent.resize).length === 1)
  expect(scene.frames(toAgent.resize)).toEqual([cells(80, 24)])
  expect(scene.followed).toEqual(['120x50', 'none'])
})

test('a read-only client sends nothing and follows the size of the session', async () => {
  scene = new Scene()
  const connection = await scene.connect(true)
  const agent = await scene.socket(0)
  agent.send(attached(false, 120, 50, { read_only: true }))
  await scene.until(() => scene.followed.length === 1)
  expect(scene.followed).toEqual(['120x50'])
  connection.input('x')
  connection.answer('y')
  connection.resize()
  agent.send(frame(toTerminal.output, Buffer.alloc(acknowledgeEveryBytes)))
  await scene.until(() => scene.written.length === 1)
  scene.parseAll()
  await scene.until(() => scene.frames(toAgent.acknowledge).length === 1)
  expect(scene.frames(toAgent.input)).toEqual([])
  expect(scene.frames(toAgent.resize)).toEqual([])
})

test('the reason of a closed connection is reported', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.close(4001, 'The agent is not connected.')
  await scene.until(() => scene.states.at(-1)?.kind === 'reconnecting')
  expect(scene.states.at(-1)).toMatchObject({ kind: 'reconnecting', reason: 'The agent is not connected.' })
})

test('input is sent in whole characters', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  connection.input('größe 日本 👩‍💻')
  connection.input(Uint8Array.of(0xff, 0x00))
  await scene.until(() => scene.frames(toAgent.input).length === 2)
  expect(text(scene.frames(toAgent.input)[0] ?? Buffer.alloc(0))).toBe('größe 日本 👩‍💻')
  expect(scene.frames(toAgent.input)[1]).toEqual(Buffer.of(0xff, 0x00))
})

test('a long paste is sent in several messages, complete and in order', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  const paste = Array.from({ length: 100_000 }, (_, line) => `line ${line} größe\r`).join('')
  connection.input(paste)
  connection.input('end')
  await scene.until(() => text(scene.frames(toAgent.input).at(-1) ?? Buffer.alloc(0)) === 'end')
  const frames = scene.frames(toAgent.input)
  expect(Math.max(...frames.map(({ length }) => length))).toBeLessThan(1024 * 1024)
  expect(text(Buffer.concat(frames))).toBe(`${paste}end`)
})

test('an existing session is live only when its screen is drawn', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(frame(toTerminal.size, cells(60, 20)))
  await scene.until(() => scene.followed.length === 1)
  expect(scene.states.map(({ kind }) => kind)).toEqual(['connecting'])
  agent.send(snapshot('screen'))
  await scene.until(() => scene.redrawn.length === 1)
  expect(scene.states.map(({ kind }) => kind)).toEqual(['connecting', 'live'])
})

test('input triggers a ping before the next regular one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(true))
  await scene.until(() => scene.states.at(-1)?.kind === 'live')
  connection.input('a')
  connection.input('b')
  await scene.until(() => scene.frames(toAgent.input).length === 2)
  expect(scene.received.map(([type]) => type)).toEqual([toAgent.input, toAgent.ping, toAgent.input])
})
