// Parses the diagnostics in a build's error text, so that the page can show the first one instead of a log:
//
//   Error: Unknown attribute
//
//     with host_process.agent,
//     on main.tf:48:27
//     48:   memmory = 4
//           ^^^^^^^
//
//   There is no attribute "memmory" here. Did you mean "memory"?

export interface Excerpt {
  readonly line: number
  readonly text: string
  /** Zero-based columns of the marked part; both 0 if nothing is marked. */
  readonly markStart: number
  readonly markEnd: number
}

export interface FoundDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly address?: string
  readonly excerpt: readonly Excerpt[]
}

const headline = /^(Error|Warning): (.+)$/
// The embedded engine's form and Terraform's.
const position = /^\s*on (.+?)(?::(\d+)(?::(\d+))?| line (\d+).*?)?:?\s*$/
const address = /^\s*with (.+?),?\s*$/
const sourceLine = /^(\s*(\d+):\s?)(.*)$/
const caret = /^(\s*)(\^+)\s*$/

/** All diagnostics of the text, in order. */
export function parseDiagnostics(text: string): FoundDiagnostic[] {
  const blocks: string[][] = []
  for (const raw of text.split(/\r?\n/)) {
    // Terraform draws a bar to the left of its diagnostics.
    const line = raw.replace(/^[│╷╵]\s?/, '')
    if (headline.test(line)) blocks.push([line])
    else blocks.at(-1)?.push(line)
  }
  return blocks.map(parseBlock)
}

function parseBlock([first = '', ...rest]: string[]): FoundDiagnostic {
  const [, kind, summary = ''] = headline.exec(first) ?? []
  const detail: string[] = []
  const excerpt: Excerpt[] = []
  let location: { file?: string; line?: number; column?: number } = {}
  let resourceAddress: string | undefined
  // Width of the gutter of the last source line.
  let gutter = 0
  for (const text of rest) {
    const isIndented = /^\s/.test(text)
    const positionMatch = isIndented ? position.exec(text) : null
    const addressMatch = isIndented ? address.exec(text) : null
    const source = isIndented ? sourceLine.exec(text) : null
    const mark = isIndented ? caret.exec(text) : null
    if (mark && excerpt.length > 0) {
      const last = excerpt.pop() as Excerpt
      const markStart = (mark[1] ?? '').length - gutter
      excerpt.push({ ...last, markStart, markEnd: markStart + (mark[2] ?? '').length })
    } else if (source && location.file) {
      gutter = (source[1] ?? '').length
      excerpt.push({ line: Number(source[2]), text: source[3] ?? '', markStart: 0, markEnd: 0 })
    } else if (positionMatch && !location.file) location = readPosition(positionMatch)
    else if (addressMatch && !resourceAddress) resourceAddress = addressMatch[1]
    else detail.push(text)
  }
  return {
    severity: kind === 'Warning' ? 'warning' : 'error',
    summary,
    detail: detail.join('\n').trim(),
    excerpt,
    ...location,
    ...(resourceAddress ? { address: resourceAddress } : {}),
  }
}

function readPosition([, file, line, column, terraformLine]: RegExpExecArray) {
  const at = line ?? terraformLine
  return { file: file ?? '', ...(at ? { line: Number(at) } : {}), ...(column ? { column: Number(column) } : {}) }
}

/** Splits the trailing source position off a diagnostic: `… (main.tf:13:19)`. */
export function splitSourcePosition(detail: string): { text: string; position: string | undefined } {
  const [whole, position] = /\s*\(([^()\s]+:\d+:\d+)\)$/.exec(detail) ?? []
  return { text: whole ? detail.slice(0, -whole.length) : detail, position }
}
