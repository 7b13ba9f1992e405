// Text with places in it. A range counts UTF-16 units, which is what JavaScript slices by; line, column and byte are
// computed only when a person or a tool is shown the place.

export interface Source {
  /** As shown to people: relative to the template's folder. */
  readonly file: string
  readonly text: string
}

/** From `start` up to, not including, `end`: UTF-16 offsets into the source text. */
export interface Range {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** Line and column count from 1; the byte offset from 0, in UTF-8. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly byte: number
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns count what a person sees as one character. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  let line = 1
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line++
  return { line, column: characterCount(before.slice(lineStart)) + 1, byte: Buffer.byteLength(before) }
}

/** The line that holds the offset, without its line end, and where it starts. */
export function lineAt(text: string, offset: number): { readonly text: string; readonly start: number } {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return { text: text.slice(start, end === -1 ? undefined : end).replace(/\r$/, ''), start }
}

export function characterCount(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the plain ASCII range is the point
  return /^[\x00-\x7f]*$/.test(text) ? text.length : [...graphemes.segment(text)].length
}
