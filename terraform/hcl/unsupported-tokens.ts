// Diagnostics for characters that the language does not support, with a hint at the correct syntax.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { type Kind, kind, type Tokens } from './tokens.ts'

interface TokenProblem {
  readonly summary: string
  readonly detail: string
  /** Reports per file: a file with one semicolon usually contains hundreds. */
  readonly maxReports?: number
  /** Reported for every second token only: these quotes enclose text in pairs. */
  readonly isPaired?: boolean
}

const operatorHints: Readonly<Record<string, string>> = {
  '&': 'Use && for "and".',
  '|': 'Use || for "or".',
  '^': 'Use the pow function for exponentiation.',
  '~': 'It is only allowed next to the braces of a template sequence. Use ! for "not".',
}

const problems = new Map<Kind, TokenProblem>([
  [kind.bitwise, { summary: 'Unsupported operator', detail: 'Bitwise operators are not supported.', maxReports: 4 }],
  [
    kind.backtick,
    {
      summary: 'Invalid character',
      detail: 'The "`" character is not valid. For multi-line strings, use a heredoc, which starts with <<EOT.',
      isPaired: true,
    },
  ],
  [
    kind.apostrophe,
    {
      summary: 'Invalid character',
      detail: 'Single quotes are not valid. Use double quotes (") for strings.',
      isPaired: true,
    },
  ],
  [
    kind.semicolon,
    {
      summary: 'Invalid character',
      detail:
        'The ";" character is not valid. Start each argument and block on a new line, and separate elements with commas.',
      maxReports: 1,
    },
  ],
  [
    kind.invalidUtf8,
    {
      summary: 'Invalid character encoding',
      detail: 'The file is not valid UTF-8. Save it with the UTF-8 encoding.',
      maxReports: 1,
    },
  ],
  [
    kind.quotedNewline,
    {
      summary: 'Invalid multi-line string',
      detail: 'The closing quote is missing on this line. For multi-line strings, use a heredoc or \\n.',
    },
  ],
  [kind.invalid, { summary: 'Invalid character', detail: 'This character is not used in the language.' }],
])

const curlyQuoteDetail = 'Curly quotes are not valid. Use straight double quotes (") for strings.'

export function unsupportedTokenErrors(tokens: Tokens, source: Source): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const counts = new Map<Kind, number>()
  for (let index = 0; index < tokens.count; index++) {
    const found = tokens.kindOf(index)
    const problem = problems.get(found)
    if (!problem) continue
    const count = counts.get(found) ?? 0
    // Terraform reports at most two pairs.
    if (!problem.isPaired || count <= 2) counts.set(found, count + 1)
    if (count >= (problem.maxReports ?? Number.POSITIVE_INFINITY) || (problem.isPaired && count % 2 === 1)) continue
    const start = tokens.startOf(index)
    const end = tokens.endOf(index)
    const range = { file: source.file, start, end }
    diagnostics.push(errorAt(range, problem.summary, detailOf(problem, source.text.slice(start, end))))
  }
  return diagnostics
}

function detailOf({ detail }: TokenProblem, text: string): string {
  const hint = Object.hasOwn(operatorHints, text) ? operatorHints[text] : undefined
  if (hint) return `The operator ${text} is not supported. ${hint}`
  return text === '“' || text === '”' ? curlyQuoteDetail : detail
}
