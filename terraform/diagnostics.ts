// What is told about a template: an error or warning with its place, collected in lists beside results. Nothing in
// `terraform/` throws for what a template's author may write.

import { characterCount, linesAround, positionAt, type Range, type Source } from './hcl/source.ts'

export type { Range, Source } from './hcl/source.ts'

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** One short line without a full stop. */
  readonly summary: string
  /** What happened, why, and what to do next. */
  readonly detail: string
  readonly range?: Range
  /** A resource instance the diagnostic is about, such as `host_process.agent[0]`. */
  readonly address?: string
  /** What names in the expression stood for when it failed, as far as that may be shown. */
  readonly values?: readonly NamedValue[]
  /** The function whose call failed. */
  readonly calledFunction?: CalledFunction
}

export interface NamedValue {
  /** `var.names[0]` */
  readonly traversal: string
  /** `is "otter"` */
  readonly statement: string
}

export interface CalledFunction {
  readonly calledAs: string
  /** Undefined for a function that there is not. */
  readonly signature: FunctionSignature | undefined
}

export interface FunctionSignature {
  readonly name: string
  readonly params: readonly SignatureParameter[]
  readonly variadicParam: SignatureParameter | undefined
  /** In the form of `typeToJson`, as all types here. */
  readonly returnType: unknown
}

export interface SignatureParameter {
  readonly name: string
  readonly type: unknown
}

export function errorAt(range: Range | undefined, summary: string, detail: string): Diagnostic {
  return { severity: 'error', summary, detail, ...(range && { range }) }
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error')

// Nobody reads more, and a file of ten megabytes can hold a million mistakes.
export const mostErrorsTold = 1_000

/** Adds what was found to what there is; beyond the first errors only says that there are more. */
export function addDiagnostics(to: Diagnostic[], found: readonly Diagnostic[]): void {
  if (found.length === 0) return
  let errors = to.filter(({ severity }) => severity === 'error').length
  for (const diagnostic of found) {
    if (diagnostic.severity !== 'error' || errors < mostErrorsTold) to.push(diagnostic)
    if (diagnostic.severity === 'error' && ++errors === mostErrorsTold) to.push(tooManyErrors(diagnostic, 'template'))
  }
}

/** Stands for those that come behind the last one told. */
export function tooManyErrors(last: Diagnostic, where: 'file' | 'template'): Diagnostic {
  const detail = `Only the first ${mostErrorsTold} errors of this ${where} are told.`
  return { ...last, summary: 'Too many errors', detail }
}

/** The diagnostic as a block of plain text: headline, place, excerpt with a caret underline, detail. */
export function formatDiagnostic(diagnostic: Diagnostic, sources: readonly Source[]): string {
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

// Where thousands of names are much alike, thousands of mistakes in them must not take for ever.
const mostCompared = 1000
// Nor one mistake in a name that nobody has typed.
const longestCompared = 200

/** The candidate that the writer most likely meant, or undefined when none is near. */
function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestCompared) return undefined
  let best: string | undefined
  // Two slips in a short name, three in a long one: beyond that a suggestion misleads more often than it helps.
  let bestDistance = Math.min(3, Math.max(1, Math.floor(name.length / 3))) + 1
  let compared = 0
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue
    if (compared++ === mostCompared) return best
    const distance = editDistance(name, candidate, bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** ` Did you mean "x"?` with its leading space, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; stops counting at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start++
  let end = 0
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end++
  return distanceBetween(a.slice(start, a.length - end), b.slice(start, b.length - end), limit)
}

function distanceBetween(a: string, b: string, limit: number): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1)
      }
      current.push(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? limit
}
