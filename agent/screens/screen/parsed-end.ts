// Tracks the incomplete end of parsed output, which the parser holds back. A snapshot includes it, so that later output
// completes it.

import { endsInText, unfinishedEnd, unfinishedString } from './compact-output.ts'
import { sliceBytes } from './queue.ts'

// Range searched for the start of an unfinished sequence.
const searchedBytes = 4 * 1024

const escapeByte = 0x1b
const bellByte = 0x07
// xterm's limit for string sequences (10 MB).
const maxOpenSlices = 10_000_000 / sliceBytes

export class ParsedEnd {
  #end: Buffer = Buffer.alloc(0)
  /** Unterminated string sequence at the end, usually an image. */
  #openString: Buffer[] = []

  /** Adds parsed output. */
  add(slice: Buffer): void {
    const wasInString = this.#openString.length > 0
    const before = wasInString ? Buffer.alloc(0) : this.#end
    this.#end = Buffer.concat([this.#end, slice]).subarray(-searchedBytes)
    if (wasInString && !slice.includes(escapeByte) && !slice.includes(bellByte)) this.#openString.push(slice)
    else {
      const opened = unfinishedString(Buffer.concat([before, slice]))
      this.#openString = opened.length > 0 ? [opened] : []
    }
    if (this.#openString.length > maxOpenSlices) this.#openString = []
  }

  /** Whether the next character may combine with the last one. */
  get isText(): boolean {
    return endsInText(this.#end)
  }

  /** The incomplete end. */
  get unfinished(): readonly Buffer[] {
    return this.#openString.length > 0 ? this.#openString : [unfinishedEnd(this.#end)]
  }
}
