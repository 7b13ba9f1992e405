// Diagnostics as OpenTofu prints them: headline, position, source excerpt with the range underlined, values, detail.
// Build logs have a more compact form (diagnostics/log-format.ts).

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { characterCount, type Source } from '../diagnostics/source.ts'
import { diagnosticToJson, type Snippet } from './diagnostic-json.ts'

export interface TextOptions {
  readonly isColored: boolean
  /** The path of a template's file relative to the user's working directory. */
  readonly shownPath: (file: string) => string
}

const codes = { bold: 1, underline: 4, red: 31, yellow: 33, gray: 90 }
type Style = keyof typeof codes

/** Ends with a line break. */
export function diagnosticToText(diagnostic: Diagnostic, sources: readonly Source[], options: TextOptions): string {
  const paint = (style: Style, text: string) =>
    options.isColored && text !== '' ? `\u001b[${codes[style]}m${text}\u001b[0m` : text
  const { severity, summary, detail, address, range, snippet } = diagnosticToJson(diagnostic, sources)
  const color = severity === 'error' ? 'red' : 'yellow'
  const word = severity === 'error' ? 'Error' : 'Warning'
  const position = range && `  on ${options.shownPath(range.filename)} line ${range.start.line}`
  const lines = [
    `${paint('bold', paint(color, `${word}:`))} ${paint('bold', summary)}`,
    '',
    ...(address === undefined ? [] : [`  with ${address},`]),
    ...(position ? [`${position}${snippet?.context ? `, in ${snippet.context}` : ''}:`] : []),
    ...(snippet ? excerpt(snippet, options.isColored, paint) : []),
    ...(snippet ? explanation(snippet).map((line) => paint('gray', line)) : []),
    ...(position || address !== undefined ? [''] : []),
    ...detail.split('\n'),
  ]
  const ruled = lines.map((line) => (line === '' ? paint(color, '│') : `${paint(color, '│')} ${line}`))
  return [paint(color, '╷'), ...ruled, paint(color, '╵'), ''].join('\n')
}

/** The called function's signature, and the values of the references in the expression. */
function explanation({ values, function_call: call }: Snippet): string[] {
  const lines = values.map(({ traversal, statement }) => `${traversal} ${statement}`)
  if (call?.signature) {
    const { name, params, variadic_param: rest } = call.signature
    const names = [...params.map((param) => param.name), ...(rest ? [`${rest.name}...`] : [])]
    lines.unshift(`while calling ${name}(${names.join(', ')})`)
  }
  return lines.length > 0 ? ['    ├────────────────', ...lines.map((line) => `    │ ${line}`)] : []
}

/** The source lines. The range is underlined by the terminal, or by carets below a single line. */
function excerpt(
  { code, start_line, highlight_start_offset, highlight_end_offset }: Snippet,
  isColored: boolean,
  paint: (style: Style, text: string) => string,
): string[] {
  const bytes = Buffer.from(code)
  const before = bytes.subarray(0, highlight_start_offset).toString()
  const highlighted = bytes.subarray(highlight_start_offset, highlight_end_offset).toString()
  const after = bytes.subarray(highlight_end_offset).toString()
  const marked =
    before +
    highlighted
      .split('\n')
      .map((part) => paint('underline', part))
      .join('\n') +
    after
  const numbered = marked.split('\n').map((line, index) => `${String(start_line + index).padStart(4)}: ${line}`)
  if (isColored || highlighted.includes('\n')) return numbered
  const lead = before.replace(/[^\t]/gu, ' ')
  return [...numbered, `      ${lead}${'^'.repeat(Math.max(1, characterCount(highlighted)))}`]
}
