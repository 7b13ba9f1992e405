// The frames of a terminal (api/agents/agent-protocol.ts, protocol 2) as values: what a page sends and what it gets.

import { type AttachedFrame, toAgent, toTerminal } from '../../../api/agents/agent-protocol.ts'

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

export type TerminalFrame =
  | { readonly type: 'attached'; readonly attached: AttachedFrame }
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'snapshot'; readonly size: TerminalSize; readonly bytes: Uint8Array }
  | { readonly type: 'exit'; readonly code: number; readonly signal: number }
  | { readonly type: 'pong'; readonly stamp: number }
  | { readonly type: 'size'; readonly size: TerminalSize }
  | { readonly type: 'sizeFree' }
  | { readonly type: 'position'; readonly offset: number }
  | { readonly type: 'history'; readonly bytes: Uint8Array }
  | { readonly type: 'historyEnd' }

const text = { encoder: new TextEncoder(), decoder: new TextDecoder() }

const readSize = (view: DataView): TerminalSize => ({ cols: view.getUint16(1), rows: view.getUint16(3) })

/** Undefined for a frame of a newer agent. */
export function readFrame(message: ArrayBuffer): TerminalFrame | undefined {
  const bytes = new Uint8Array(message)
  const view = new DataView(message)
  switch (bytes[0]) {
    case toTerminal.output:
      return { type: 'output', bytes: bytes.subarray(1) }
    case toTerminal.attached:
      return { type: 'attached', attached: JSON.parse(text.decoder.decode(bytes.subarray(1))) as AttachedFrame }
    case toTerminal.snapshot:
      return { type: 'snapshot', size: readSize(view), bytes: bytes.subarray(5) }
    case toTerminal.exit:
      return { type: 'exit', code: view.getInt32(1), signal: view.getInt32(5) }
    case toTerminal.pong:
      return { type: 'pong', stamp: view.getFloat64(1) }
    case toTerminal.size:
      return { type: 'size', size: readSize(view) }
    case toTerminal.sizeFree:
      return { type: 'sizeFree' }
    case toTerminal.position:
      return { type: 'position', offset: view.getFloat64(1) }
    case toTerminal.history:
      return { type: 'history', bytes: bytes.subarray(1) }
    case toTerminal.historyEnd:
      return { type: 'historyEnd' }
    default:
      return undefined
  }
}

// Far below the longest message (`maxMessageBytes`), and small enough that what follows a paste waits for little.
const inputFrameBytes = 256 * 1024

/** Several for a long paste. */
export function inputFrames(input: string | Uint8Array): Uint8Array<ArrayBuffer>[] {
  const bytes = typeof input === 'string' ? text.encoder.encode(input) : input
  const frames: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < bytes.length; at += inputFrameBytes) {
    const piece = bytes.subarray(at, at + inputFrameBytes)
    const frame = new Uint8Array(1 + piece.length)
    frame[0] = toAgent.input
    frame.set(piece, 1)
    frames.push(frame)
  }
  return frames
}

export function resizeFrame({ cols, rows }: TerminalSize): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(5))
  view.setUint8(0, toAgent.resize)
  view.setUint16(1, cols)
  view.setUint16(3, rows)
  return view.buffer
}

export function acknowledgeFrame(byteCount: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(5))
  view.setUint8(0, toAgent.acknowledge)
  view.setUint32(1, byteCount)
  return view.buffer
}

/** `stamp` comes back in the pong. */
export function pingFrame(stamp: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(9))
  view.setUint8(0, toAgent.ping)
  view.setFloat64(1, stamp)
  return view.buffer
}
