// Source files, and ranges and positions in them. Ranges count UTF-16 code units, as JavaScript strings do; line, column
// and byte are computed only for output.

import { byteLength } from './source-bytes.ts'

export interface Source {
  /** Relative to the template's folder. */
  readonly file: string
  readonly text: string
}

/** UTF-16 offsets into the source text; `end` is exclusive. */
export interface Range {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** Line and column are 1-based; the UTF-8 byte offset is 0-based. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly byte: number
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns count grapheme clusters, without a byte order mark. */
export function positionAt(text: string, offset: number): Position {
  const { starts, bytes, isAscii } = linesOf(text)
  const line = lineIndexAt(starts, offset)
  const start = starts[line] as number
  if (isAscii) return { line: line + 1, column: offset - start + 1, byte: offset }
  const before = text.slice(start, offset)
  const shown = line === 0 && before.startsWith('\ufeff') ? before.slice(1) : before
  return { line: line + 1, column: characterCount(shown) + 1, byte: (bytes[line] as number) + byteLength(before) }
}

/** The positions of a range in JSON output. An empty range gets the length 1, so that tools have something to highlight. */
export function positionsOf(text: string, { start, end }: Range): { readonly start: Position; readonly end: Position } {
  const from = positionAt(text, start)
  if (end > start) return { start: from, end: positionAt(text, end) }
  return { start: from, end: { ...from, column: from.column + 1, byte: from.byte + 1 } }
}

/** The start of each line, in code units and in bytes. */
interface Lines {
  readonly text: string
  readonly starts: readonly number[]
  readonly bytes: readonly number[]
  /** Then each code unit is one byte and one column. */
  readonly isAscii: boolean
}

// Callers usually request many positions of one text in a row.
let lastLines: Lines = { text: '', starts: [0], bytes: [0], isAscii: true }

function linesOf(text: string): Lines {
  if (lastLines.text === text) return lastLines
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  const isAscii = isAsciiText(text)
  const bytes = [0]
  for (let line = 1; line < starts.length; line++) {
    bytes.push((bytes[line - 1] as number) + byteLength(text.slice(starts[line - 1], starts[line])))
  }
  lastLines = { text, starts, bytes, isAscii }
  return lastLines
}

function lineIndexAt(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

// Bounds the output for a thousand errors in one line of several megabytes; hand-written lines are far shorter.
const maxExcerptLength = 20_000
const excerptContext = 200

/** The full lines of a range, without the last line break. Of very long lines, only the part near the range. */
export function linesAround(
  text: string,
  { start, end }: Pick<Range, 'start' | 'end'>,
): { readonly start: number; readonly end: number } {
  const first = lineAt(text, start)
  const last = lineAt(text, Math.max(start, end - 1))
  const whole = { start: first.start, end: last.start + last.text.length }
  if (whole.end - whole.start <= maxExcerptLength) return whole
  return {
    start: Math.max(whole.start, start - excerptContext),
    end: Math.min(whole.end, end + excerptContext, start + maxExcerptLength),
  }
}

/** The line at an offset, without its line break, and its start. */
export function lineAt(text: string, offset: number): { readonly text: string; readonly start: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return { text: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, ''), start }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: matches the ASCII range
const isAsciiText = (text: string) => /^[\x00-\x7f]*$/.test(text)

export function characterCount(text: string): number {
  if (isAsciiText(text)) return text.includes('\r\n') ? text.length - text.split('\r\n').length + 1 : text.length
  let count = 0
  for (const _ of graphemes.segment(text)) count++
  return count
}
