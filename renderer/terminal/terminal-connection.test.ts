import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket as NodeSocket, type WebSocket as ServerSocket, WebSocketServer } from 'ws'
import { acknowledgeEveryBytes, toAgent, toTerminal } from '../../api/agent-protocol.ts'
import { connectTerminal, type TerminalConnection, type TerminalState } from './terminal-connection.ts'

const reset = '\x1bc'
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** An agent's end of the socket, and a terminal that parses only when it is told to. */
class Scene {
  readonly server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  readonly written: string[] = []
  readonly states: TerminalState[] = []
  readonly resized: string[] = []
  size = { cols: 80, rows: 24 }
  wakes: (() => void)[] = []
  #parsed: (() => void)[] = []
  #connection: TerminalConnection | undefined
  #changed: (() => void)[] = []
  #sockets: ServerSocket[] = []
  readonly received: Buffer[] = []

  constructor() {
    this.server.on('connection', (socket) => {
      this.#sockets.push(socket)
      socket.on('message', (data: Buffer) => {
        this.received.push(data)
        this.#tell()
      })
      this.#tell()
    })
  }

  async connect(): Promise<TerminalConnection> {
    if (!this.server.address()) await once(this.server, 'listening')
    const { port } = this.server.address() as AddressInfo
    this.#connection = connectTerminal({
      url: ({ cols, rows }) => `ws://127.0.0.1:${port}/?width=${cols}&height=${rows}`,
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
        resize: (size) => {
          this.size = size
          this.resized.push(`${size.cols}x${size.rows}`)
        },
        write: (bytes, parsed) => {
          this.written.push(text(bytes))
          this.#parsed.push(parsed)
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
const attached = (created: boolean, cols = 80, rows = 24): Buffer =>
  frame(toTerminal.attached, Buffer.from(JSON.stringify({ created, pid: 1, cols, rows })))
const cells = (cols: number, rows: number): Buffer => {
  const packed = Buffer.alloc(4)
  packed.writeUInt16BE(cols, 0)
  packed.writeUInt16BE(rows, 2)
  return packed
}

let scene: Scene
afterEach(() => scene.close())

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
  second.send(attached(false))
  await scene.until(() => scene.states.filter(({ kind }) => kind === 'live').length === 2)
  scene.parseAll()
  connection.input('x')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.acknowledge)).toEqual([])
})

test('a snapshot clears the terminal, takes its size and counts towards acknowledgement', async () => {
  scene = new Scene()
  await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false, 100, 30))
  agent.send(frame(toTerminal.snapshot, cells(100, 30), Buffer.alloc(acknowledgeEveryBytes, 's')))
  await scene.until(() => scene.written.length === 2)
  expect(scene.written[0]).toBe(reset)
  expect(scene.resized).toEqual(['100x30'])
  scene.parseAll()
  await scene.until(() => scene.frames(toAgent.acknowledge).length === 1)
  expect(scene.frames(toAgent.acknowledge)[0]?.readUInt32BE(0)).toBe(acknowledgeEveryBytes)
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
  expect(scene.written).toContain(reset)
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

test('a terminal of another size than its session says so, and follows another client without answering', async () => {
  scene = new Scene()
  const connection = await scene.connect()
  const agent = await scene.socket(0)
  agent.send(attached(false, 100, 30))
  await scene.until(() => scene.frames(toAgent.resize).length === 1)
  expect(scene.frames(toAgent.resize)[0]).toEqual(cells(80, 24))
  agent.send(frame(toTerminal.size, cells(60, 20)))
  await scene.until(() => scene.resized.length === 1)
  connection.resize()
  connection.input('x')
  await scene.until(() => scene.frames(toAgent.input).length === 1)
  expect(scene.frames(toAgent.resize)).toHaveLength(1)
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
