// Diagnostics as a person reads them in a terminal: headline, place, the source with what is meant underlined, detail.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { characterCount, type Source } from '../diagnostics/source.ts'
import { diagnosticToJson, type Snippet } from './diagnostic-json.ts'

export interface TextOptions {
  readonly isColoured: boolean
  /** How the person would name a file of the template from where they are. */
  readonly shownPath: (file: string) => string
}

const codes = { bold: 1, underline: 4, red: 31, yellow: 33, grey: 90 }
type Style = keyof typeof codes

/** Ends with a line end. */
export function diagnosticToText(diagnostic: Diagnostic, sources: readonly Source[], options: TextOptions): string {
  const paint = (style: Style, text: string) =>
    options.isColoured && text !== '' ? `\u001b[${codes[style]}m${text}\u001b[0m` : text
  const { severity, summary, detail, address, range, snippet } = diagnosticToJson(diagnostic, sources)
  const colour = severity === 'error' ? 'red' : 'yellow'
  const word = severity === 'error' ? 'Error' : 'Warning'
  const place = range && `  on ${options.shownPath(range.filename)} line ${range.start.line}`
  const lines = [
    `${paint('bold', paint(colour, `${word}:`))} ${paint('bold', summary)}`,
    '',
    ...(address === undefined ? [] : [`  with ${address},`]),
    ...(place ? [`${place}${snippet?.context ? `, in ${snippet.context}` : ''}:`] : []),
    ...(snippet ? excerpt(snippet, options.isColoured, paint) : []),
    ...(snippet ? explanation(snippet).map((line) => paint('grey', line)) : []),
    ...(place || address !== undefined ? [''] : []),
    ...detail.split('\n'),
  ]
  const ruled = lines.map((line) => (line === '' ? paint(colour, '│') : `${paint(colour, '│')} ${line}`))
  return [paint(colour, '╷'), ...ruled, paint(colour, '╵'), ''].join('\n')
}

/** What was called, and what the names in the expression stood for. */
function explanation({ values, function_call: call }: Snippet): string[] {
  const lines = values.map(({ traversal, statement }) => `${traversal} ${statement}`)
  if (call?.signature) {
    const { name, params, variadic_param: rest } = call.signature
    const names = [...params.map((one) => one.name), ...(rest ? [`${rest.name}...`] : [])]
    lines.unshift(`while calling ${name}(${names.join(', ')})`)
  }
  return lines.length > 0 ? ['    ├────────────────', ...lines.map((line) => `    │ ${line}`)] : []
}

/** The lines with what is meant underlined: by the terminal, or by carets below a single line. */
function excerpt(
  { code, start_line, highlight_start_offset, highlight_end_offset }: Snippet,
  isColoured: boolean,
  paint: (style: Style, text: string) => string,
): string[] {
  const bytes = Buffer.from(code)
  const before = bytes.subarray(0, highlight_start_offset).toString()
  const meant = bytes.subarray(highlight_start_offset, highlight_end_offset).toString()
  const after = bytes.subarray(highlight_end_offset).toString()
  const marked =
    before +
    meant
      .split('\n')
      .map((part) => paint('underline', part))
      .join('\n') +
    after
  const numbered = marked.split('\n').map((line, index) => `${String(start_line + index).padStart(4)}: ${line}`)
  if (isColoured || meant.includes('\n')) return numbered
  const lead = before.replace(/[^\t]/gu, ' ')
  return [...numbered, `      ${lead}${'^'.repeat(Math.max(1, characterCount(meant)))}`]
}
