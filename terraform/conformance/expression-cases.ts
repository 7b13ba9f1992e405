// The file format of expression cases: an expression, a line `=> ` with its outcome, and an empty line. The outcome is
// OpenTofu's; record.ts writes it.

/** `string "A"`, `unknown`, `sensitive`, `infinite` or `error 1:1-1:4 Summary`, with positions relative to the expression. */
export type Outcome = string

export interface Case {
  readonly expression: string
  /** Undefined if not yet recorded. */
  readonly outcome: Outcome | undefined
}

export interface CaseFile {
  /** The lines before the first case; each starts with `#`. */
  readonly head: string
  readonly cases: readonly Case[]
}

const outcomeMark = '=> '
// An expression can contain empty lines, so only the outcome or this line ends a case.
const pendingMark = '=> ?'

export function readCases(text: string): CaseFile {
  const lines = text.split('\n')
  const headLength = lines.findIndex((line) => !line.startsWith('#'))
  const cases: Case[] = []
  let pending: string[] = []
  for (const line of lines.slice(headLength)) {
    if (line.startsWith(outcomeMark)) {
      const outcome = line === pendingMark ? undefined : line.slice(outcomeMark.length)
      cases.push({ expression: withoutEmptyEnds(pending), outcome })
      pending = []
    } else pending.push(line)
  }
  if (withoutEmptyEnds(pending) !== '')
    throw new Error(`The last case has no line "${pendingMark}": ${pending.join('\n')}`)
  return { head: lines.slice(0, headLength).join('\n'), cases }
}

const withoutEmptyEnds = (lines: readonly string[]) => lines.join('\n').replace(/^\n+|\n+$/g, '')

export function writeCases({ head, cases }: CaseFile): string {
  const written = cases.map(
    ({ expression, outcome }) => `${expression}\n${outcome ? outcomeMark + outcome : pendingMark}\n`,
  )
  return `${head}\n\n${written.join('\n')}`
}

/** The configuration file for evaluating a case, the same in both engines, so that positions can be compared. */
export const moduleText = (name: string, expression: string): string =>
  `output "${name}" {\n  value = ${expression}\n}\n`

// The 1-based position of the expression in the module's text.
const firstLine = 2
const firstColumn = '  value = '.length + 1

export interface LineColumn {
  readonly line: number
  readonly column: number
}

export function describeError(summary: string, start: LineColumn, end: LineColumn): Outcome {
  return `error ${relative(start)}-${relative(end)} ${summary}`
}

const relative = ({ line, column }: LineColumn) =>
  `${line - firstLine + 1}:${line === firstLine ? column - firstColumn + 1 : column}`

export const describeValue = (type: unknown, value: unknown): Outcome =>
  `${typeof type === 'string' ? type : JSON.stringify(type)} ${JSON.stringify(value)}`
