// Makes a flood of terminal output short: text that will have scrolled away is dropped, what lasts stays. Lasting are
// the control sequences that change how later output is shown. Holds no state.

const escapeByte = 0x1b
const bellByte = 0x07

// An unfinished sequence longer than this is no sequence but a lone escape character in binary output.
const longestSequence = 4096

/** Final bytes of CSI sequences that last: modes (h, l), colours (m), scroll region (r), cursor style (q), reset (p). */
const lastingFinals = new Set([...'hlmrqp'].map((letter) => letter.charCodeAt(0)))

/** The lasting sequences of `output`, and at its end the beginning of a sequence that goes on in the next bytes. */
export function skim(output: Buffer): Buffer {
  const kept: Buffer[] = []
  let lastColours: Buffer | undefined
  let at = output.indexOf(escapeByte)
  while (at !== -1) {
    const end = sequenceEnd(output, at)
    if (end === -1) {
      if (lastColours) kept.push(lastColours)
      if (output.length - at <= longestSequence) kept.push(output.subarray(at))
      return Buffer.concat(kept)
    }
    const sequence = output.subarray(at, end)
    if (isColours(sequence)) {
      // Each begins from the last one's colours, so they add up; a reset makes all before it void.
      const isReset = sequence.length === 3 || (sequence.length === 4 && sequence[2] === 0x30)
      lastColours = isReset || !lastColours ? sequence : boundedSum(lastColours, sequence)
    } else if (lasts(sequence)) {
      kept.push(sequence)
    }
    at = output.indexOf(escapeByte, end)
  }
  if (lastColours) kept.push(lastColours)
  return Buffer.concat(kept)
}

// More colour changes than this without one reset: only the newest still show.
const longestColours = 256

function boundedSum(before: Buffer, added: Buffer): Buffer {
  return before.length > longestColours ? added : Buffer.concat([before, added])
}

/** @returns the offset after the sequence that begins at `at`; -1 when its end is not there. */
function sequenceEnd(output: Buffer, at: number): number {
  const kind = output[at + 1]
  if (kind === undefined) return -1
  if (kind === 0x5b) return csiEnd(output, at + 2)
  if (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f)
    return stringEnd(output, at + 2)
  let end = at + 1
  while (isIntermediate(output[end])) end++
  return end < output.length ? end + 1 : -1
}

function csiEnd(output: Buffer, from: number): number {
  for (let at = from; at < output.length; at++) {
    const byte = output[at] as number
    if (byte >= 0x40 && byte <= 0x7e) return at + 1
    if (byte === escapeByte) return at
  }
  return -1
}

/** OSC, DCS, SOS, PM and APC strings end with BEL or ESC \. */
function stringEnd(output: Buffer, from: number): number {
  for (let at = from; at < output.length; at++) {
    const byte = output[at]
    if (byte === bellByte) return at + 1
    if (byte === escapeByte) return output[at + 1] === undefined ? -1 : output[at + 1] === 0x5c ? at + 2 : at
  }
  return -1
}

const isIntermediate = (byte: number | undefined) => byte !== undefined && byte >= 0x20 && byte <= 0x2f

const isColours = (sequence: Buffer) =>
  sequence[1] === 0x5b && sequence.at(-1) === 0x6d && (sequence[2] === undefined || sequence[2] < 0x3c)

/** Titles, modes, character sets, keypad, reset, and the saved cursor. Not images and not cursor moves. */
function lasts(sequence: Buffer): boolean {
  const kind = sequence[1] as number
  if (kind === 0x5b) return lastingFinals.has(sequence.at(-1) as number)
  if (kind === 0x5d) return isShortTitle(sequence)
  return isIntermediate(kind) || '78=>c'.includes(String.fromCharCode(kind))
}

const isShortTitle = (sequence: Buffer) =>
  sequence.length < 512 && (sequence[2] === 0x30 || sequence[2] === 0x32) && sequence[3] === 0x3b
