// Makes a flood of terminal output short: text that will have scrolled away is dropped, what lasts stays. Lasting are
// the control sequences that change how later output is shown; of each kind of change only the last counts, so what is
// kept is small however long the flood. Holds no state.

const escapeByte = 0x1b
const bellByte = 0x07

// An unfinished sequence longer than this is no sequence but a lone escape character in binary output.
const longestSequence = 4096

// Each change of colours begins from the last one's, so they add up until a reset; of more than this only the newest
// still show.
const longestColours = 256

/** What lasts, by kind of change, in order of the last change. */
type Lasting = Map<string, Buffer>

/** The lasting sequences of these pieces of one output, and at the end the beginning of one that goes on in the next. */
export function compactOutput(pieces: readonly Buffer[]): Buffer {
  const lasting: Lasting = new Map()
  let unfinished: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    unfinished = gather(unfinished.length > 0 ? Buffer.concat([unfinished, piece]) : piece, lasting)
  }
  return Buffer.concat([...lasting.values(), unfinished])
}

/** What of this output a parser holds back because its rest has not come: the beginning of a sequence or a character. */
export function unfinishedEnd(output: Buffer): Buffer {
  const sequence = gather(output, new Map())
  return sequence.length > 0 ? sequence : output.subarray(characterStart(output))
}

/** The beginning of a string, such as a picture, whose end is not in this output; empty when none is open. */
export function unfinishedString(output: Buffer): Buffer {
  // An escape within it would have ended it.
  const at = output.lastIndexOf(escapeByte)
  const isOpen = stringIntroducers.has(output[at + 1] ?? 0) && at !== -1 && sequenceEnd(output, at) === -1
  return output.subarray(isOpen ? at : output.length)
}

/** Whether the last that a parser took was a character to show, and no sequence: what comes next may join it. */
export function endsInText(output: Buffer): boolean {
  const taken = output.subarray(0, output.length - unfinishedEnd(output).length)
  const at = taken.lastIndexOf(escapeByte)
  const last = taken.at(-1) ?? 0
  return last >= 0x20 && last !== 0x7f && (at === -1 || sequenceEnd(taken, at) < taken.length)
}

/** Where the last character begins if it is not whole in UTF-8, else the end. */
function characterStart(output: Buffer): number {
  for (let back = 1; back <= Math.min(3, output.length); back++) {
    const byte = output[output.length - back] as number
    if ((byte & 0xc0) === 0x80) continue // goes on from the one before
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? output.length - back : output.length
  }
  return output.length
}

/** @returns the beginning of a sequence whose end is not there. */
function gather(output: Buffer, lasting: Lasting): Buffer {
  for (let at = output.indexOf(escapeByte); at !== -1; ) {
    const end = sequenceEnd(output, at)
    if (end === -1) {
      if (output.length - at <= longestSequence) return output.subarray(at)
      at = output.indexOf(escapeByte, at + 1)
      continue
    }
    remember(lasting, output.subarray(at, end))
    at = output.indexOf(escapeByte, end)
  }
  return output.subarray(output.length)
}

function remember(lasting: Lasting, sequence: Buffer): void {
  const kind = kindOf(sequence)
  if (kind === undefined) return
  const before = lasting.get(kind)
  if (kind === fullReset) lasting.clear()
  else lasting.delete(kind)
  lasting.set(
    kind,
    kind === colours && before && addsUp(before, sequence) ? Buffer.concat([before, sequence]) : sequence,
  )
}

const fullReset = 'reset'
const colours = 'colours'

function addsUp(before: Buffer, sequence: Buffer): boolean {
  const isReset = sequence.length === 3 || (sequence.length === 4 && sequence[2] === 0x30)
  return !isReset && before.length <= longestColours
}

/** Names what a sequence changes for what follows; undefined for what does not last, such as cursor moves and images. */
function kindOf(sequence: Buffer): string | undefined {
  const introducer = String.fromCharCode(sequence[1] as number)
  if (introducer === '[') return kindOfControl(sequence.toString('latin1', 2))
  if (introducer === ']') return isShortTitle(sequence) ? 'title' : kindOfMark(sequence)
  if (introducer === 'c') return fullReset
  if (introducer === '=' || introducer === '>') return 'keypad'
  if (introducer === '7' || introducer === '8' || isIntermediate(sequence[1])) return introducer
  return undefined
}

function kindOfControl(control: string): string | undefined {
  const final = control.at(-1)
  const parameters = control.slice(0, -1)
  if (final === 'h' || final === 'l') return `mode ${parameters}`
  if (final === 'm') return /^[<=>?]/.test(parameters) ? `mode ${parameters}` : colours
  if (final === 'r' || final === 'q' || final === 'p') return `${parameters.match(/[ -/]$/) ?? ''}${final}`
  return undefined
}

/** What a shell says of itself (marks.ts): of prompts, command lines, their ends and folders the last still holds. What a
 *  program says takes nothing of the terminal's own shell away. */
function kindOfMark(sequence: Buffer): string | undefined {
  if (sequence.length > longestSequence) return undefined
  const kind = /^(?:133;[A-D]|633;E|7;)/.exec(sequence.toString('latin1', 2, 7))?.[0]
  return kind && sequence.includes(';nonce=') ? `${kind} with nonce` : kind
}

const isShortTitle = (sequence: Buffer) =>
  sequence.length < 512 && (sequence[2] === 0x30 || sequence[2] === 0x32) && sequence[3] === 0x3b

/** @returns the offset after the sequence that begins at `at`; -1 when its end is not there. */
function sequenceEnd(output: Buffer, at: number): number {
  const introducer = output[at + 1]
  if (introducer === undefined) return -1
  if (introducer === 0x5b) return controlEnd(output, at + 2)
  if (stringIntroducers.has(introducer)) return stringEnd(output, at + 2)
  let end = at + 1
  while (isIntermediate(output[end])) end++
  return end < output.length ? end + 1 : -1
}

/** OSC, DCS, SOS, PM and APC. */
const stringIntroducers = new Set([0x5d, 0x50, 0x58, 0x5e, 0x5f])

function controlEnd(output: Buffer, from: number): number {
  for (let at = from; at < output.length; at++) {
    const byte = output[at] as number
    if (byte >= 0x40 && byte <= 0x7e) return at + 1
    if (byte === escapeByte) return at
  }
  return -1
}

/** A string ends with BEL or ESC \. */
function stringEnd(output: Buffer, from: number): number {
  const escaped = output.indexOf(escapeByte, from)
  const bell = output.indexOf(bellByte, from)
  if (bell !== -1 && (escaped === -1 || bell < escaped)) return bell + 1
  if (escaped === -1 || escaped === output.length - 1) return -1
  return output[escaped + 1] === 0x5c ? escaped + 2 : escaped
}

const isIntermediate = (byte: number | undefined) => byte !== undefined && byte >= 0x20 && byte <= 0x2f
