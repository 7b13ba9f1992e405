// Encodes and decodes the frames of terminal protocol 2 (agent-protocol.ts) for agents, clients, tests and benchmarks.
// Runs in browsers and in Node. Decoded bytes are views of the message; output is never copied.

import { type AttachedFrame, toAgent, toTerminal } from './agent-protocol.ts'

/** Size of a terminal, in cells. */
export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

export const isSameSize = (a: TerminalSize, b: TerminalSize): boolean => a.cols === b.cols && a.rows === b.rows

/** Sent by a client to the agent. */
export type ClientFrame<Bytes extends Uint8Array = Uint8Array> =
  | { readonly type: 'input'; readonly bytes: Bytes }
  | { readonly type: 'resize'; readonly size: TerminalSize }
  | { readonly type: 'acknowledge'; readonly byteCount: number }
  | { readonly type: 'ping'; readonly bytes: Bytes }

/** Sent by the agent to a client. */
export type AgentFrame<Bytes extends Uint8Array = Uint8Array> =
  | { readonly type: 'attached'; readonly attached: AttachedFrame }
  | { readonly type: 'output' | 'history' | 'pong'; readonly bytes: Bytes }
  | { readonly type: 'snapshot'; readonly size: TerminalSize; readonly bytes: Bytes }
  | { readonly type: 'size'; readonly size: TerminalSize }
  | { readonly type: 'position'; readonly offset: number }
  | { readonly type: 'exit'; readonly code: number; readonly signal: number }
  | { readonly type: 'historyEnd' | 'sizeFree' }

export type TerminalFrame<Bytes extends Uint8Array = Uint8Array> = ClientFrame<Bytes> | AgentFrame<Bytes>

/** Length of the type in front of the payload. */
export const frameTypeBytes = 1

const text = { encoder: new TextEncoder(), decoder: new TextDecoder() }
const noBytes = new Uint8Array(0)

const frameCodes = { ...toAgent, ...toTerminal }
const sizeBytes = 4

/** Length of the numbers before the bytes of a frame. */
const fixedBytes: Readonly<Record<TerminalFrame['type'], number>> = {
  input: 0,
  resize: sizeBytes,
  acknowledge: 4,
  ping: 0,
  attached: 0,
  output: 0,
  snapshot: sizeBytes,
  exit: 8,
  pong: 0,
  size: sizeBytes,
  position: 8,
  history: 0,
  historyEnd: 0,
  sizeFree: 0,
}

/** @param headerBytes left free in front of the frame, for the length prefix of a byte stream */
export function encodeFrame(frame: TerminalFrame, headerBytes = 0): Uint8Array<ArrayBuffer> {
  const bytes = variableBytes(frame)
  const start = headerBytes + frameTypeBytes
  const message = new Uint8Array(start + fixedBytes[frame.type] + bytes.length)
  message[headerBytes] = frameCodes[frame.type]
  message.set(bytes, start + fixedBytes[frame.type])
  writeNumbers(new DataView(message.buffer, start), frame)
  return message
}

function variableBytes(frame: TerminalFrame): Uint8Array {
  if (frame.type === 'attached') return text.encoder.encode(JSON.stringify(frame.attached))
  return 'bytes' in frame ? frame.bytes : noBytes
}

function writeNumbers(view: DataView, frame: TerminalFrame): void {
  if ('size' in frame) {
    view.setUint16(0, frame.size.cols)
    view.setUint16(2, frame.size.rows)
  } else if (frame.type === 'acknowledge') view.setUint32(0, frame.byteCount)
  else if (frame.type === 'position') view.setFloat64(0, frame.offset)
  else if (frame.type === 'exit') {
    view.setInt32(0, frame.code)
    view.setInt32(4, frame.signal)
  }
}

/** Undefined for a frame that is too short or of an unknown type, for example from a newer client. */
export function decodeClientFrame<Bytes extends Uint8Array>(message: Bytes): ClientFrame<Bytes> | undefined {
  const bytes = message.subarray(frameTypeBytes) as Bytes
  switch (message[0]) {
    case toAgent.input:
      return { type: 'input', bytes }
    case toAgent.resize:
      return bytes.length < fixedBytes.resize ? undefined : { type: 'resize', size: readSize(viewOf(bytes)) }
    case toAgent.acknowledge:
      return bytes.length < fixedBytes.acknowledge
        ? undefined
        : { type: 'acknowledge', byteCount: viewOf(bytes).getUint32(0) }
    case toAgent.ping:
      return { type: 'ping', bytes }
    default:
      return undefined
  }
}

/** Undefined for a frame that is too short or of an unknown type, for example from a newer agent. */
export function decodeAgentFrame<Bytes extends Uint8Array>(message: Bytes): AgentFrame<Bytes> | undefined {
  const bytes = message.subarray(frameTypeBytes) as Bytes
  switch (message[0]) {
    case toTerminal.output:
      return { type: 'output', bytes }
    case toTerminal.history:
      return { type: 'history', bytes }
    case toTerminal.pong:
      return { type: 'pong', bytes }
    case toTerminal.historyEnd:
      return { type: 'historyEnd' }
    case toTerminal.sizeFree:
      return { type: 'sizeFree' }
    case toTerminal.attached:
      return readAttached(bytes)
    case toTerminal.snapshot:
      if (bytes.length < fixedBytes.snapshot) return undefined
      return { type: 'snapshot', size: readSize(viewOf(bytes)), bytes: bytes.subarray(sizeBytes) as Bytes }
    case toTerminal.size:
      return bytes.length < fixedBytes.size ? undefined : { type: 'size', size: readSize(viewOf(bytes)) }
    case toTerminal.position:
      return bytes.length < fixedBytes.position ? undefined : { type: 'position', offset: viewOf(bytes).getFloat64(0) }
    case toTerminal.exit:
      if (bytes.length < fixedBytes.exit) return undefined
      return { type: 'exit', code: viewOf(bytes).getInt32(0), signal: viewOf(bytes).getInt32(4) }
    default:
      return undefined
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const readSize = (view: DataView): TerminalSize => ({ cols: view.getUint16(0), rows: view.getUint16(2) })

function readAttached(bytes: Uint8Array): AgentFrame<never> | undefined {
  try {
    return { type: 'attached', attached: JSON.parse(text.decoder.decode(bytes)) as AttachedFrame }
  } catch {
    return undefined
  }
}

// Far below `maxMessageBytes`, and small enough that a keystroke after a paste waits only briefly.
const inputFrameBytes = 256 * 1024

/** Splits a long paste into several frames. */
export function encodeInput(input: string | Uint8Array): Uint8Array<ArrayBuffer>[] {
  const bytes = typeof input === 'string' ? text.encoder.encode(input) : input
  const frames: Uint8Array<ArrayBuffer>[] = []
  for (let start = 0; start < bytes.length; start += inputFrameBytes) {
    frames.push(encodeFrame({ type: 'input', bytes: bytes.subarray(start, start + inputFrameBytes) }))
  }
  return frames
}
