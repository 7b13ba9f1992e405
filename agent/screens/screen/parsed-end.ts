// The end of what a screen has parsed: what its parser holds back because the rest has not come. Whoever gets the screen
// drawn gets that as well, so that what follows is the rest of it.

import { endsInText, unfinishedEnd, unfinishedString } from './compact-output.ts'
import { sliceBytes } from './queue.ts'

// In which the beginning of an unfinished sequence is looked for.
const lookedThroughBytes = 4 * 1024

const escapeByte = 0x1b
const bellByte = 0x07
// A string that is longer, 10 MB, is none for xterm either.
const maxOpenSlices = 10_000_000 / sliceBytes

export class ParsedEnd {
  #end: Buffer = Buffer.alloc(0)
  /** The string that it ends in, a picture mostly, when its end has not come. */
  #openString: Buffer[] = []

  /** Takes what is parsed next. */
  follow(slice: Buffer): void {
    const wasOpen = this.#openString.length > 0
    const before = wasOpen ? Buffer.alloc(0) : this.#end
    this.#end = Buffer.concat([this.#end, slice]).subarray(-lookedThroughBytes)
    if (wasOpen && !slice.includes(escapeByte) && !slice.includes(bellByte)) this.#openString.push(slice)
    else {
      const begun = unfinishedString(Buffer.concat([before, slice]))
      this.#openString = begun.length > 0 ? [begun] : []
    }
    if (this.#openString.length > maxOpenSlices) this.#openString = []
  }

  /** Whether what comes may join the last character. */
  get isText(): boolean {
    return endsInText(this.#end)
  }

  /** What is held back. */
  get unfinished(): readonly Buffer[] {
    return this.#openString.length > 0 ? this.#openString : [unfinishedEnd(this.#end)]
  }
}
