import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { type AttachedFrame, acknowledgeEveryBytes, toAgent, toTerminal } from '../../../api/agents/agent-protocol.ts'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** An agent's end of the socket, and a terminal that parses only when it is told to. */
class Scene {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  readonly written: string[] = []
  readonly states: TerminalState[] = []
  readonly resized: string[] = []
  size = { cols: 80, rows: 24 }
  room = this.size
  isShown = true
  readonly redrawn: string[][] = []
  readonly followed: string[] = []
  readonly asked: URLSearchParams[] = []
  wakes: (() => void)[] = []
  #parsed: (() => void)[] = []
  #connection: TerminalConnection | undefined
  #changed: (() => void)[] = []
  #sockets: ServerSocket[] = []
  readonly received: Buffer[] = []

  constructor() {
    this.server.on('connection', (socket, request) => {
      this.asked.push(new URL(request.url ?? '/', 'http://agent').searchParams)
      this.#sockets.push(socket)
      socket.on('message', (data: Buffer) => {
        this.received.push(data)
        this.#tell()
      })
      this.#tell()
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
      onFollowing: (size) => this.followed.push(size ? `${size.cols}x${size.rows}` : 'nobody'),
      openSocket: (url) => new NodeSocket(url) as unknown as WebSocket,
      wake: (listener) => {
        this.wakes.push(listener)
        return () => undefined
      },
      onState: (state) => {
        this.states.push(state)
        this.#tell()
      },
      screen: {
        size: () => this.size,
        room: () => this.room,
        isShown: () => this.isShown,
        resize: (size) => {
          this.size = size
          this.resized.push(`${size.cols}x${size.rows}`)
        },
        write: (bytes, parsed) => {
          this.written.push(text(bytes))
          this.#parsed.push(parsed)
          this.#tell()
        },
        redraw: (size, pieces, drawn) => {
          this.size = size
          this.redrawn.push(pieces.map(text))
          this.#parsed.push(drawn)
          this.#tell()
        },
      },
    })
    return this.#connection
  }

  /** The nth socket that was opened, counted from 0. */
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

  /** Frames of one type, without pings in between. */
  frames(type: number): Buffer[] {
    return this.received.filter((frame) => frame[0] === type).map((frame) => frame.subarray(1))
  }

  async close(): Promise<void> {
    this.#connection?.close()
    for (const socket of this.#sockets) socket.terminate()
    this.server.close()
    await once(this.server, 'close')
  }

  #tell(): void {
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

test('output is acknowledged only after the terminal has parsed it', async () => {
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

test('what is parsed late from a lost connection is not acknowledged to the next', async () => {
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

test('a snapshot is drawn in its size and counts towards acknowledgement when it is', async () => {
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

test('history is drawn above the snapshot when all of it is there', async () => {
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

test('no history is no reason to draw again', async () => {
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

test('a connection that comes back goes on from the last byte that was drawn, and clears nothing', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  first.send(position(0))
  first.send(frame(toTerminal.output, Buffer.from('größe')))
  await scene.until(() => scene.written.length === 1)
  first.terminate()
  const second = await scene.socket(1)
  expect(scene.asked.map((query) => query.get('resume'))).toEqual([null, 'one:7'])
  second.send(attached(false, 80, 24, { resumed: true }))
  second.send(position(7))
  second.send(frame(toTerminal.output, Buffer.from('!')))
  await scene.until(() => scene.written.length === 2)
  second.terminate()
  await scene.socket(2)
  expect(scene.asked[2]?.get('resume')).toBe('one:8')
  expect(scene.redrawn).toEqual([])
})

test('a connection lost before the history was there asks for all of it again', async () => {
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
  expect(scene.asked.map((query) => query.get('resume'))).toEqual([null, null, 'one:1000'])
})

test('an agent that says no position is asked for its screen', async () => {
  scene = new Scene()
  await scene.connect()
  const first = await scene.socket(0)
  first.send(attached(true))
  first.send(frame(toTerminal.output, Buffer.from('a')))
  await scene.until(() => scene.written.length === 1)
  first.terminate()
  await scene.socket(1)
  expect(scene.asked[1]?.get('resume')).toBeNull()
})

test('a lost connection is dialled again and what was typed meanwhile reaches the same session', async () => {
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

test('what was typed for a session that is gone does not reach the one made in its place', async () => {
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

test('waking up dials at once instead of waiting for the back-off', async () => {
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

test('the end of the process is told with its code and nothing is dialled again', async () => {
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

test('a terminal whose room has changed says so once', async () => {
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

test('a room that changes while a snapshot is drawn is taken when it is', async () => {
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

test("another client's size is followed until somebody types here", async () => {
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
  expect(scene.followed).toEqual(['60x20', 'nobody'])
  expect(scene.received.map(([type]) => type).filter((type) => type !== toAgent.ping)).toEqual([
    toAgent.resize,
    toAgent.input,
  ])
  expect(scene.frames(toAgent.resize)).toEqual([cells(90, 24)])
})

test('when whose size ruled has left, the room here is the size again, hidden once it is looked at', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  for (const isShown of [true, false]) {
    scene.isShown = isShown
    agent.send(frame(toTerminal.size, cells(60, 20)))
    await scene.until(() => scene.followed.at(-1) === '60x20')
    agent.send(frame(toTerminal.sizeFree, Buffer.alloc(0)))
    agent.send(frame(toTerminal.output, Buffer.from('said next')))
    const { length } = scene.written
    await scene.until(() => scene.written.length > length)
    expect(scene.followed.at(-1)).toBe(isShown ? 'nobody' : '60x20')
    connection.lookAt()
    await scene.until(() => scene.followed.at(-1) === 'nobody')
  }
  await scene.until(() => scene.frames(toAgent.resize).length === 2)
  expect(scene.frames(toAgent.resize)).toEqual([cells(80, 24), cells(80, 24)])
})

test("who follows another's size keeps to it when the connection comes back", async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false))
  agent.send(frame(toTerminal.size, cells(60, 20)))
  await scene.until(() => scene.followed.length === 1)
  agent.terminate()
  await scene.socket(1)
  expect(scene.asked[1]?.get('width')).toBe('60')
})

test('a session that others look at keeps its size, until it is said here or somebody types', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false, 120, 50))
  await scene.until(() => scene.followed.length === 1)
  connection.resize()
  connection.lookAt()
  expect([scene.followed, scene.size]).toEqual([['120x50'], { cols: 120, rows: 50 }])
  connection.takeSize()
  await scene.until(() => scene.frames(toAgent.resize).length === 1)
  expect(scene.frames(toAgent.resize)).toEqual([cells(80, 24)])
  expect(scene.followed).toEqual(['120x50', 'nobody'])
})

test('who only looks sends nothing and has the size of the session', async () => {
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

test('the reason for which a connection was closed is told', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.close(4001, 'The agent is not connected.')
  await scene.until(() => scene.states.at(-1)?.kind === 'reconnecting')
  expect(scene.states.at(-1)).toMatchObject({ kind: 'reconnecting', reason: 'The agent is not connected.' })
})

test('input is sent as it was typed, in whole characters', async () => {
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

test('a long paste travels in several messages, whole and in order', async () => {
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

test('a session that was found is live when its screen is there, not before', async () => {
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

test('whether the agent still answers is asked with what is typed, and not only when the next look is due', async () => {
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
