// Ring buffer of a session's most recent output, so that a client that reconnects receives only what it missed. Grows
// with the output up to its limit.

const initialBytes = 4 * 1024

export class RecentOutput {
  readonly #maxBytes: number
  #ring = Buffer.alloc(0)
  /** Offset of the oldest byte. */
  #start = 0
  #length = 0
  #end = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes appended so far: the offset of the next. */
  get end(): number {
    return this.#end
  }

  append(output: Uint8Array): void {
    this.#end += output.length
    const bytes = output.subarray(Math.max(0, output.length - this.#maxBytes))
    this.#makeRoom(bytes.length)
    const at = (this.#start + this.#length) % this.#ring.length
    const first = bytes.subarray(0, this.#ring.length - at)
    this.#ring.set(first, at)
    this.#ring.set(bytes.subarray(first.length), 0)
    this.#length += bytes.length
  }

  /** All output from the offset on; undefined when it is not available. */
  since(offset: number): Buffer | undefined {
    const length = this.#end - offset
    if (!(length >= 0 && length <= this.#length)) return undefined
    return this.#newest(length)
  }

  all(): Buffer {
    return this.#newest(this.#length)
  }

  #makeRoom(bytes: number): void {
    const required = this.#length + bytes
    if (required > this.#ring.length && this.#ring.length < this.#maxBytes) {
      const content = this.#newest(this.#length)
      this.#ring = Buffer.alloc(Math.min(this.#maxBytes, Math.max(initialBytes, 2 * this.#ring.length, required)))
      this.#ring.set(content, 0)
      this.#start = 0
    }
    const dropped = Math.max(0, required - this.#ring.length)
    if (dropped === 0) return
    this.#start = (this.#start + dropped) % this.#ring.length
    this.#length -= dropped
  }

  #newest(bytes: number): Buffer {
    if (bytes === 0) return Buffer.alloc(0)
    const from = (this.#start + this.#length - bytes) % this.#ring.length
    const first = this.#ring.subarray(from, Math.min(this.#ring.length, from + bytes))
    return Buffer.concat([first, this.#ring.subarray(0, bytes - first.length)])
  }
}
