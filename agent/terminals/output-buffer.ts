// Gathers what comes from a pty, in pieces of some 4 KB, into output frames ready for the wire. One copy: a piece goes
// from the read buffer behind the header of the frame it will travel in.

import { toTerminal } from '../../api/agents/agent-protocol.ts'
import { frameTypeBytes } from '../../api/agents/terminal-frames.ts'
import { prefixBytes } from '../../lib/length-prefixed.ts'

export interface OutputFrame {
  /** The whole message of protocol 2: length, type, bytes. */
  readonly message: Buffer
  /** The bytes alone. */
  readonly output: Buffer
}

const headerBytes = prefixBytes + frameTypeBytes

// Two full frames of the largest size that session.ts lets grow: every open terminal that has said something holds one.
const slabBytes = 128 * 1024

export class OutputBuffer {
  #slab = Buffer.alloc(0)
  #start = 0
  #end = 0

  /** Bytes gathered and not taken. */
  get size(): number {
    return this.#end > this.#start ? this.#end - this.#start - headerBytes : 0
  }

  append(bytes: Uint8Array): void {
    const begins = this.#end === this.#start
    const end = this.#end + (begins ? headerBytes : 0) + bytes.length
    if (end > this.#slab.length) this.#moveToNewSlab(bytes.length)
    if (this.#end === this.#start) this.#end += headerBytes
    this.#slab.set(bytes, this.#end)
    this.#end += bytes.length
  }

  /** Ends the frame; its memory is never written again. Only to be called with something in it. */
  take(): OutputFrame {
    const message = this.#slab.subarray(this.#start, this.#end)
    message.writeUInt32BE(message.length - prefixBytes, 0)
    message[prefixBytes] = toTerminal.output
    this.#start = this.#end
    return { message, output: message.subarray(headerBytes) }
  }

  #moveToNewSlab(moreBytes: number): void {
    const begun = this.#slab.subarray(this.#start, this.#end)
    this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, begun.length + headerBytes + moreBytes))
    this.#slab.set(begun, 0)
    this.#start = 0
    this.#end = begun.length
  }
}
