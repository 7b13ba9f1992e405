// One client at a terminal: what it sends as typed input, what it gets as frames, and how much of it is still on the
// way. Two protocols, one face. Knows no sessions.

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AttachedFrame,
  highWaterBytes,
  maxMessageBytes,
  type PtyRequest,
  toAgent,
  toTerminal,
} from '../../api/agents/agent-protocol.ts'
import { messageReader, prefixed } from '../../lib/length-prefixed.ts'
import type { ScreenSize } from '../screens/screen-size.ts'
import type { StillScreen } from '../screens/session-screen.ts'
import { jsonInputReader } from './json-input.ts'
import type { OutputFrame } from './output-buffer.ts'
import type { PtyExit } from './pty.ts'

export interface ClientEvents {
  onInput(bytes: Uint8Array): void
  onResize(size: ScreenSize): void
  /** Output was taken in on the other side: `unreadBytes` is smaller now. */
  onProgress(): void
  onClose(): void
}

export interface TerminalClient {
  /** Output sent and not yet taken in on the other side. */
  readonly unreadBytes: number
  /** Above this the client gets nothing more. */
  readonly highWaterBytes: number
  attached(attached: AttachedFrame): void
  /** The next byte of output has this offset. */
  position(offset: number): void
  output(frame: OutputFrame): void
  /** Output that is not framed yet. */
  missed(output: Buffer): void
  /** @param isFirst nothing was sent before it, so there is nothing to clear */
  picture(still: StillScreen, isFirst: boolean): Promise<void>
  size(size: ScreenSize): void
  /** Whose size ruled has left. */
  sizeFree(): void
  /** Ends the stream after this. */
  exit(exit: PtyExit): void
  close(): void
  /** Breaks off, so that the other side tries again. */
  abort(): void
}

export function createClient(
  { protocol, images }: Pick<PtyRequest, 'protocol' | 'images'>,
  stream: Duplex,
  events: ClientEvents,
): TerminalClient {
  stream.on('error', () => stream.destroy())
  stream.on('close', () => events.onClose())
  stream.on('end', () => events.onClose())
  return protocol === 2 ? createFrameClient(stream, events, images) : createJsonClient(stream, events)
}

/** Feeds the stream to `read` and ends it when what comes cannot be read. */
function readFrom(stream: Duplex, read: (message: Buffer) => void): void {
  const reader = messageReader(maxMessageBytes, read)
  stream.on('data', (chunk: Buffer) => {
    try {
      reader(chunk)
    } catch {
      stream.destroy()
    }
  })
}

// Ten thousand lines of usual text several times over.
const maxHistoryBytes = 4 * 1024 * 1024
const pieceBytes = 64 * 1024
// What others type and are answered passes between, here and on the rest of the road.
const historyPieceEveryMs = 1

function createFrameClient(stream: Duplex, events: ClientEvents, withImages: boolean): TerminalClient {
  let unreadBytes = 0

  const takers: Record<number, (payload: Buffer) => void> = {
    [toAgent.input]: (payload) => events.onInput(payload),
    [toAgent.resize]: (payload) => {
      if (payload.length >= 4) events.onResize({ cols: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) })
    },
    [toAgent.acknowledge]: (payload) => {
      if (payload.length < 4) return
      unreadBytes = Math.max(0, unreadBytes - payload.readUInt32BE(0))
      events.onProgress()
    },
    [toAgent.ping]: (payload) => send(toTerminal.pong, payload),
  }
  // A type that is not known may be a newer client's: it costs nothing to pass over it.
  readFrom(stream, (message) => takers[message[0] ?? -1]?.(message.subarray(1)))

  function send(type: number, payload: Uint8Array) {
    if (stream.writable) stream.write(prefixed(Buffer.concat([Buffer.of(type), payload])))
  }

  function position(offset: number) {
    const payload = Buffer.alloc(8)
    payload.writeDoubleBE(offset)
    send(toTerminal.position, payload)
  }

  return {
    get unreadBytes() {
      return unreadBytes
    },
    highWaterBytes,
    attached: (attached) => send(toTerminal.attached, Buffer.from(JSON.stringify(attached))),
    output(frame) {
      unreadBytes += frame.output.length
      if (stream.writable) stream.write(frame.message)
    },
    position,
    missed(output) {
      for (const piece of piecesOf(output)) send(toTerminal.output, piece)
      unreadBytes += output.length
    },
    async picture(still) {
      const screen = await still.draw(withImages)
      unreadBytes += screen.length
      send(toTerminal.snapshot, Buffer.concat([packSize(still.size), screen]))
      position(still.end)
      for (const lines of await still.history(maxHistoryBytes, withImages)) {
        for (const piece of piecesOf(lines)) {
          send(toTerminal.history, piece)
          await sleep(historyPieceEveryMs)
        }
      }
      send(toTerminal.historyEnd, Buffer.alloc(0))
    },
    size: (size) => send(toTerminal.size, packSize(size)),
    sizeFree: () => send(toTerminal.sizeFree, Buffer.alloc(0)),
    exit({ code, signal }) {
      const payload = Buffer.alloc(8)
      payload.writeInt32BE(code, 0)
      payload.writeInt32BE(signal, 4)
      send(toTerminal.exit, payload)
      stream.end()
    },
    close: () => stream.end(),
    abort: () => stream.destroy(),
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function packSize({ cols, rows }: ScreenSize): Buffer {
  const packed = Buffer.alloc(4)
  packed.writeUInt16BE(cols, 0)
  packed.writeUInt16BE(rows, 2)
  return packed
}

// Without acknowledgements the stream's own queue tells how far a client is. Smaller than the other mark, since more
// waits unseen in the sockets behind it.
const streamHighWaterBytes = 128 * 1024

const resetTerminal = '\x1bc'
// Such a client gets lines above the screen in front of it, and waits for both.
const maxPlainHistoryBytes = 2 * 1024 * 1024

function createJsonClient(stream: Duplex, events: ClientEvents): TerminalClient {
  readFrom(
    stream,
    jsonInputReader(({ data, height, width }) => {
      if (height !== undefined && width !== undefined) events.onResize({ cols: width, rows: height })
      if (data) events.onInput(Buffer.from(data))
    }),
  )
  const send = (bytes: Buffer) => {
    if (stream.writable && bytes.length > 0) stream.write(prefixed(bytes), () => events.onProgress())
  }
  return {
    get unreadBytes() {
      return stream.writableLength
    },
    highWaterBytes: streamHighWaterBytes,
    // Such clients know nothing but output.
    attached: () => undefined,
    position: () => undefined,
    size: () => undefined,
    sizeFree: () => undefined,
    output: (frame) => send(frame.output),
    missed: send,
    async picture(still, isFirst) {
      const lines = await still.history(maxPlainHistoryBytes)
      send(Buffer.concat([Buffer.from(isFirst ? '' : resetTerminal), ...lines, await still.draw()]))
    },
    exit: () => stream.end(),
    close: () => stream.end(),
    abort: () => stream.destroy(),
  }
}
