// Diagnostics in the form of build logs and parameter forms: headline, position, source line with a caret underline,
// detail. The dashboard parses it (renderer/workspace/diagnostics.ts). The CLI prints OpenTofu's form
// (show/diagnostic-text.ts).

import type { Diagnostic } from './diagnostic.ts'
import { characterCount, linesAround, positionAt, type Range, type Source } from './source.ts'

export function formatForLog(diagnostic: Diagnostic, sources: readonly Source[]): string {
  const headline = `${diagnostic.severity === 'error' ? 'Error' : 'Warning'}: ${diagnostic.summary}`
  const excerpt = diagnostic.range
    ? formatExcerpt(diagnostic.range, sources, diagnostic.address)
    : addressLine(diagnostic)
  return [headline, ...excerpt, '', diagnostic.detail].join('\n').trimEnd()
}

const addressLine = ({ address }: Diagnostic): string[] => (address ? ['', `  with ${address}`] : [])

function formatExcerpt(range: Range, sources: readonly Source[], address: string | undefined): string[] {
  const source = sources.find((candidate) => candidate.file === range.file)
  if (!source) return ['', `  on ${range.file}`]
  const { text } = source
  const { line, column } = positionAt(text, range.start)
  const shown = linesAround(text, { start: range.start, end: range.start })
  const marked = text.slice(range.start, Math.min(range.end, shown.end))
  const gutter = `${line}: `
  const lead = text.slice(shown.start, range.start).replace(/[^\t]/gu, ' ')
  return [
    '',
    ...(address ? [`  with ${address},`] : []),
    `  on ${range.file}:${line}:${column}`,
    `  ${gutter}${text.slice(shown.start, shown.end)}`,
    `  ${' '.repeat(gutter.length)}${lead}${'^'.repeat(Math.max(1, characterCount(marked)))}`,
  ]
}
