// The most recent output of a session, so that a client that reconnects receives only what it missed.
// Grows with the output.

const firstBytes = 4 * 1024

export class RecentOutput {
  readonly #maxBytes: number
  #ring = Buffer.alloc(0)
  /** Offset of the oldest byte. */
  #start = 0
  #held = 0
  #end = 0

  /** @param maxBytes to keep */
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
    const at = (this.#start + this.#held) % this.#ring.length
    const first = bytes.subarray(0, this.#ring.length - at)
    this.#ring.set(first, at)
    this.#ring.set(bytes.subarray(first.length), 0)
    this.#held += bytes.length
  }

  /** All output from the offset on; undefined when it is not available. */
  since(offset: number): Buffer | undefined {
    const missing = this.#end - offset
    if (!(missing >= 0 && missing <= this.#held)) return undefined
    return this.#newest(missing)
  }

  all(): Buffer {
    return this.#newest(this.#held)
  }

  #makeRoom(bytes: number): void {
    const wanted = this.#held + bytes
    if (wanted > this.#ring.length && this.#ring.length < this.#maxBytes) {
      const held = this.#newest(this.#held)
      this.#ring = Buffer.alloc(Math.min(this.#maxBytes, Math.max(firstBytes, 2 * this.#ring.length, wanted)))
      this.#ring.set(held, 0)
      this.#start = 0
    }
    const lost = Math.max(0, wanted - this.#ring.length)
    if (lost === 0) return
    this.#start = (this.#start + lost) % this.#ring.length
    this.#held -= lost
  }

  #newest(bytes: number): Buffer {
    if (bytes === 0) return Buffer.alloc(0)
    const from = (this.#start + this.#held - bytes) % this.#ring.length
    const first = this.#ring.subarray(from, Math.min(this.#ring.length, from + bytes))
    return Buffer.concat([first, this.#ring.subarray(0, bytes - first.length)])
  }
}
