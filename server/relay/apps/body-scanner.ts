// Finds the end of a message body in the bytes of a connection, without decoding it: a proxy forwards bodies unchanged,
// including chunk headers and trailers.

import { type BodyFraming, MessageError } from './message-head.ts'

export interface BodyScanner {
  /** @returns the number of bytes of `data` that belong to the body
   *  @throws MessageError for an invalid chunk */
  scan(data: Buffer): number
  /** Whether the body is complete. */
  readonly isDone: boolean
}

export function createBodyScanner(framing: BodyFraming): BodyScanner {
  switch (framing.kind) {
    case 'none':
      return { isDone: true, scan: () => 0 }
    case 'length':
      return new LengthScanner(framing.length)
    case 'chunked':
      return new ChunkScanner()
    case 'until-close':
      return { isDone: false, scan: ({ length }) => length }
  }
}

class LengthScanner implements BodyScanner {
  #remaining: number

  constructor(length: number) {
    this.#remaining = length
  }

  get isDone(): boolean {
    return this.#remaining === 0
  }

  scan({ length }: Buffer): number {
    const taken = Math.min(length, this.#remaining)
    this.#remaining -= taken
    return taken
  }
}

/** Chunk extensions and trailers longer than this are rejected. */
const maxLineBytes = 16 * 1024
const maxTrailerBytes = 64 * 1024
/** Size up to 2^52 - 1, an optional extension. */
const chunkHeader = /^([0-9a-f]{1,13})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?$/i
const trailerLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*$/

class ChunkScanner implements BodyScanner {
  isDone = false
  /** What the next line is. */
  #expected: 'header' | 'end-of-data' | 'trailer' = 'header'
  /** Remaining bytes of the current chunk. */
  #remaining = 0
  #line = ''
  #trailerBytes = 0

  scan(data: Buffer): number {
    let at = 0
    while (at < data.length && !this.isDone) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, data.length - at)
        this.#remaining -= taken
        at += taken
      } else {
        at = this.#readLine(data, at)
      }
    }
    return at
  }

  #readLine(data: Buffer, from: number): number {
    const lineFeed = data.indexOf(10, from)
    const to = lineFeed < 0 ? data.length : lineFeed + 1
    this.#line += data.toString('latin1', from, to)
    if (this.#line.length > maxLineBytes) throw new MessageError(400, 'A chunk header or trailer is too long.')
    if (lineFeed < 0) return to
    // A line that ends with LF alone is where lenient parsers disagree.
    if (!this.#line.endsWith('\r\n')) throw new MessageError(400, 'A line of a chunked body does not end with CRLF.')
    const line = this.#line.slice(0, -2)
    this.#line = ''
    this.#handleLine(line)
    return to
  }

  #handleLine(line: string): void {
    if (this.#expected === 'header') {
      const [, size] = chunkHeader.exec(line) ?? []
      if (size === undefined) throw new MessageError(400, 'A chunk header is not valid.')
      this.#remaining = Number.parseInt(size, 16)
      this.#expected = this.#remaining === 0 ? 'trailer' : 'end-of-data'
    } else if (this.#expected === 'end-of-data') {
      if (line !== '') throw new MessageError(400, 'A chunk is longer than its header declares.')
      this.#expected = 'header'
    } else if (line === '') {
      this.isDone = true
    } else {
      this.#trailerBytes += line.length
      if (!trailerLine.test(line) || this.#trailerBytes > maxTrailerBytes)
        throw new MessageError(400, 'A trailer is not valid.')
    }
  }
}
