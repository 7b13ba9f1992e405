// Collects pty output, in chunks of about 4 KB, into output frames in wire format. Each chunk is copied once, from the
// read buffer to the frame after its header.

import { toTerminal } from '../../api/agents/agent-protocol.ts'
import { frameTypeBytes } from '../../api/agents/terminal-frames.ts'
import { prefixBytes } from '../../lib/length-prefixed.ts'

export interface OutputFrame {
  /** Complete message of protocol 2: length, type, bytes. */
  readonly message: Buffer
  /** Output bytes only. */
  readonly output: Buffer
}

const headerBytes = prefixBytes + frameTypeBytes

// Two full frames of output-batcher.ts. Each terminal with output holds one slab.
const slabBytes = 128 * 1024

export class OutputBuffer {
  #slab = Buffer.alloc(0)
  #start = 0
  #end = 0

  /** Bytes collected and not taken. */
  get size(): number {
    return this.#end > this.#start ? this.#end - this.#start - headerBytes : 0
  }

  append(bytes: Uint8Array): void {
    const isNewFrame = this.#end === this.#start
    const end = this.#end + (isNewFrame ? headerBytes : 0) + bytes.length
    if (end > this.#slab.length) this.#moveToNewSlab(bytes.length)
    if (this.#end === this.#start) this.#end += headerBytes
    this.#slab.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Completes the frame, whose memory is never written again. Must not be empty. */
  take(): OutputFrame {
    const message = this.#slab.subarray(this.#start, this.#end)
    message.writeUInt32BE(message.length - prefixBytes, 0)
    message[prefixBytes] = toTerminal.output
    this.#start = this.#end
    return { message, output: message.subarray(headerBytes) }
  }

  #moveToNewSlab(moreBytes: number): void {
    const unfinished = this.#slab.subarray(this.#start, this.#end)
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, unfinished.length + headerBytes + moreBytes))
    this.#slab.set(unfinished, 0)
    this.#start = 0
    this.#end = unfinished.length
  }
}
