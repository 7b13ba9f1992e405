// Compacts a flood of terminal output: drops text that would scroll away and keeps lasting control sequences, which
// change how later output is displayed. Only the last one of each kind counts, so the result is small for any input.
// Stateless.

const escapeByte = 0x1b
const bellByte = 0x07

// A longer unfinished sequence is a lone escape character in binary output.
const maxSequenceBytes = 4096

// Color changes are cumulative until a reset; beyond this limit only the newest have an effect.
const maxColorBytes = 256

/** Lasting sequences by kind, in order of the last change. */
type Lasting = Map<string, Buffer>

/** Lasting sequences of the chunks, followed by an unfinished sequence at the end. */
export function compactOutput(pieces: readonly Buffer[]): Buffer {
  const lasting: Lasting = new Map()
  let unfinished: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    unfinished = collectLasting(unfinished.length > 0 ? Buffer.concat([unfinished, piece]) : piece, lasting)
  }
  return Buffer.concat([...lasting.values(), unfinished])
}

/** Unfinished sequence or character at the end, which a parser holds back. */
export function unfinishedEnd(output: Buffer): Buffer {
  const sequence = collectLasting(output, new Map())
  return sequence.length > 0 ? sequence : output.subarray(characterStart(output))
}

/** Start of an unterminated string sequence, such as an image; empty for none. */
export function unfinishedString(output: Buffer): Buffer {
  // An escape character would have terminated it.
  const at = output.lastIndexOf(escapeByte)
  const isOpen = stringIntroducers.has(output[at + 1] ?? 0) && at !== -1 && sequenceEnd(output, at) === -1
  return output.subarray(isOpen ? at : output.length)
}

/** Whether the output ends with a printable character, which the next one may combine with. */
export function endsInText(output: Buffer): boolean {
  const complete = output.subarray(0, output.length - unfinishedEnd(output).length)
  const at = complete.lastIndexOf(escapeByte)
  const last = complete.at(-1) ?? 0
  return last >= 0x20 && last !== 0x7f && (at === -1 || sequenceEnd(complete, at) < complete.length)
}

/** Start of an incomplete UTF-8 character at the end, or the end. */
function characterStart(output: Buffer): number {
  for (let back = 1; back <= Math.min(3, output.length); back++) {
    const byte = output[output.length - back] as number
    if ((byte & 0xc0) === 0x80) continue // continuation byte
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? output.length - back : output.length
  }
  return output.length
}

/** Adds the lasting sequences of the output. @returns an unterminated sequence at the end */
function collectLasting(output: Buffer, lasting: Lasting): Buffer {
  for (let at = output.indexOf(escapeByte); at !== -1; ) {
    const end = sequenceEnd(output, at)
    if (end === -1) {
      if (output.length - at <= maxSequenceBytes) return output.subarray(at)
      at = output.indexOf(escapeByte, at + 1)
      continue
    }
    record(lasting, output.subarray(at, end))
    at = output.indexOf(escapeByte, end)
  }
  return output.subarray(output.length)
}

function record(lasting: Lasting, sequence: Buffer): void {
  const kind = kindOf(sequence)
  if (kind === undefined) return
  const before = lasting.get(kind)
  if (kind === fullReset) lasting.clear()
  else lasting.delete(kind)
  lasting.set(
    kind,
    kind === colors && before && accumulates(before, sequence) ? Buffer.concat([before, sequence]) : sequence,
  )
}

const fullReset = 'reset'
const colors = 'colors'

function accumulates(before: Buffer, sequence: Buffer): boolean {
  const isReset = sequence.length === 3 || (sequence.length === 4 && sequence[2] === 0x30)
  return !isReset && before.length <= maxColorBytes
}

/** The kind of a lasting sequence; undefined for others, such as cursor movement and images. */
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
  if (final === 'm') return /^[<=>?]/.test(parameters) ? `mode ${parameters}` : colors
  if (final === 'r' || final === 'q' || final === 'p') return `${parameters.match(/[ -/]$/) ?? ''}${final}`
  return undefined
}

/** Shell marks (marks.ts): the last prompt, command line, end and folder are kept. Marks of programs do not replace
 *  those of the session's shell. */
function kindOfMark(sequence: Buffer): string | undefined {
  if (sequence.length > maxSequenceBytes) return undefined
  const kind = /^(?:133;[A-D]|633;E|7;)/.exec(sequence.toString('latin1', 2, 7))?.[0]
  return kind && sequence.includes(';nonce=') ? `${kind} with nonce` : kind
}

const isShortTitle = (sequence: Buffer) =>
  sequence.length < 512 && (sequence[2] === 0x30 || sequence[2] === 0x32) && sequence[3] === 0x3b

/** @returns the offset after the sequence at `at`; -1 when it is unterminated. */
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
