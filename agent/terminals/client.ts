// Connection to one client of a terminal session: decodes its input, encodes its output, counts unread bytes. One
// interface for both terminal protocols. Independent of sessions.

import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type AttachedFrame,
  highWaterBytes,
  maxMessageBytes,
  type PtyRequest,
} from '../../api/agents/agent-protocol.ts'
import { type AgentFrame, decodeClientFrame, encodeFrame, type TerminalSize } from '../../api/agents/terminal-frames.ts'
import { messageReader, prefixBytes, prefixed, writePrefix } from '../../lib/length-prefixed.ts'
import type { SessionSnapshot } from '../screens/session-screen.ts'
import { jsonInputReader } from './json-input.ts'
import type { OutputFrame } from './output-buffer.ts'
import type { PtyExit } from './pty.ts'

export interface ClientEvents {
  onInput(bytes: Uint8Array): void
  onResize(size: TerminalSize): void
  /** The client has read output: `unreadBytes` is smaller. */
  onProgress(): void
  onClose(): void
}

export interface TerminalClient {
  /** Output sent and not read yet. */
  readonly unreadBytes: number
  /** Above this the client receives nothing. */
  readonly highWaterBytes: number
  attached(attached: AttachedFrame): void
  /** Offset of the next byte of output. */
  position(offset: number): void
  output(frame: OutputFrame): void
  /** Earlier output, not yet framed. */
  sendMissed(output: Buffer): void
  /** @param isFirst nothing was sent before, so there is nothing to clear */
  sendSnapshot(snapshot: SessionSnapshot, isFirst: boolean): Promise<void>
  size(size: TerminalSize): void
  /** The owner of the size has left. */
  sizeReleased(): void
  /** Ends the stream after this message. */
  exit(exit: PtyExit): void
  close(): void
  /** Destroys the stream, so that the client reconnects. */
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

/** Passes the stream to `read`; ends it after invalid input. */
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

// Limit of the scrollback in a snapshot: several times ten thousand lines of typical text.
const maxHistoryBytes = 4 * 1024 * 1024
const pieceBytes = 64 * 1024
// Pause between pieces of scrollback, so that output of other sessions passes between them, here and in the relay.
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
    async sendSnapshot(snapshot) {
      const screen = await snapshot.draw(withImages)
      unreadBytes += screen.length
      send({ type: 'snapshot', size: snapshot.size, bytes: screen })
      send({ type: 'position', offset: snapshot.end })
      for (const lines of await snapshot.history(maxHistoryBytes, withImages)) {
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

// Protocol 1 has no acknowledgments: the length of the stream's queue counts as unread. Smaller than the limit of
// protocol 2, because socket buffers hold further output.
const streamHighWaterBytes = 128 * 1024

const resetTerminal = '\x1bc'
// A client of protocol 1 receives the scrollback before the screen and waits for both.
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
    // Clients of protocol 1 understand output only.
    attached: () => undefined,
    position: () => undefined,
    size: () => undefined,
    sizeReleased: () => undefined,
    output: (frame) => send(frame.output),
    sendMissed: send,
    async sendSnapshot(snapshot, isFirst) {
      const lines = await snapshot.history(maxPlainHistoryBytes)
      send(Buffer.concat([Buffer.from(isFirst ? '' : resetTerminal), ...lines, await snapshot.draw()]))
    },
    exit: () => stream.end(),
    close: () => stream.end(),
    abort: () => stream.destroy(),
  }
}
