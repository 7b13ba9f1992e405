// The form that cases have on disk: an expression, then a line `=> ` with what it gives, then an empty line. The outcome
// is what OpenTofu said; record.ts writes it.

/** `string "A"`, `unknown`, `sensitive`, `infinite` or `error 1:1-1:4 Summary`, with places counted from the expression's start. */
export type Outcome = string

export interface Case {
  readonly expression: string
  /** Undefined for a case that is not recorded yet. */
  readonly outcome: Outcome | undefined
}

export interface CaseFile {
  /** Lines before the first case, each beginning with `#`. */
  readonly head: string
  readonly cases: readonly Case[]
}

const outcomeMark = '=> '
// Lines of an expression may be empty, so a case ends only where its outcome does, or at this line.
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

/** The configuration file that a case is evaluated in, by both sides, so that places can be compared. */
export const moduleText = (name: string, expression: string): string =>
  `output "${name}" {\n  value = ${expression}\n}\n`

// Of the expression in the module text, counted from 1.
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
