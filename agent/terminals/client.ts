// One client at a terminal: what it sends as typed input, what it gets as frames, and how much of it is still on the
// way. Two protocols, one face. Knows no sessions.

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AttachedFrame,
  highWaterBytes,
  maxMessageBytes,
  type PtyRequest,
} from '../../api/agents/agent-protocol.ts'
import { type AgentFrame, decodeClientFrame, encodeFrame } from '../../api/agents/terminal-frames.ts'
import { messageReader, prefixBytes, prefixed, writePrefix } from '../../lib/length-prefixed.ts'
import type { ScreenSize } from '../screen-size.ts'
import type { SessionSnapshot } from '../screens/session-screen.ts'
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
  sendMissed(output: Buffer): void
  /** @param isFirst nothing was sent before it, so there is nothing to clear */
  sendSnapshot(still: SessionSnapshot, isFirst: boolean): Promise<void>
  size(size: ScreenSize): void
  /** Whose size ruled has left. */
  sizeReleased(): void
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

  readFrom(stream, (message) => {
    const frame = decodeClientFrame(message)
    if (frame?.type === 'input') events.onInput(frame.bytes)
    else if (frame?.type === 'resize') events.onResize(frame.size)
    else if (frame?.type === 'ping') send({ type: 'pong', bytes: frame.bytes })
    else if (frame?.type === 'acknowledge') {
      unreadBytes = Math.max(0, unreadBytes - frame.byteCount)
      events.onProgress()
    }
  })

  function send(frame: AgentFrame) {
    if (!stream.writable) return
    const message = encodeFrame(frame, prefixBytes)
    writePrefix(message)
    stream.write(message)
  }

  return {
    get unreadBytes() {
      return unreadBytes
    },
    highWaterBytes,
    attached: (attached) => send({ type: 'attached', attached }),
    output(frame) {
      unreadBytes += frame.output.length
      if (stream.writable) stream.write(frame.message)
    },
    position: (offset) => send({ type: 'position', offset }),
    sendMissed(output) {
      for (const bytes of piecesOf(output)) send({ type: 'output', bytes })
      unreadBytes += output.length
    },
    async sendSnapshot(still) {
      const screen = await still.draw(withImages)
      unreadBytes += screen.length
      send({ type: 'snapshot', size: still.size, bytes: screen })
      send({ type: 'position', offset: still.end })
      for (const lines of await still.history(maxHistoryBytes, withImages)) {
        for (const bytes of piecesOf(lines)) {
          send({ type: 'history', bytes })
          await sleep(historyPieceEveryMs)
        }
      }
      send({ type: 'historyEnd' })
    },
    size: (size) => send({ type: 'size', size }),
    sizeReleased: () => send({ type: 'sizeFree' }),
    exit({ code, signal }) {
      send({ type: 'exit', code, signal })
      stream.end()
    },
    close: () => stream.end(),
    abort: () => stream.destroy(),
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
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
    sizeReleased: () => undefined,
    output: (frame) => send(frame.output),
    sendMissed: send,
    async sendSnapshot(still, isFirst) {
      const lines = await still.history(maxPlainHistoryBytes)
      send(Buffer.concat([Buffer.from(isFirst ? '' : resetTerminal), ...lines, await still.draw()]))
    },
    exit: () => stream.end(),
    close: () => stream.end(),
    abort: () => stream.destroy(),
  }
}
