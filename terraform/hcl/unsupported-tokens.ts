// Tells of what stands in a text and has no meaning in the language, with what was probably meant.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import { type Kind, kind, type Tokens } from './tokens.ts'

interface TokenProblem {
  readonly summary: string
  readonly detail: string
  /** How often it is told in one text: who writes one semicolon writes a hundred. */
  readonly maxReports?: number
  /** Told at the first, third … only, since they come in pairs around a text. */
  readonly isPaired?: boolean
}

const operatorHints: Readonly<Record<string, string>> = {
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  '^': 'Use the function pow for powers.',
  '~': 'It may only stand inside the braces of a template sequence; write ! for "not".',
}

const problems = new Map<Kind, TokenProblem>([
  [kind.bitwise, { summary: 'Unsupported operator', detail: 'There are no operators on bits.', maxReports: 4 }],
  [
    kind.backtick,
    {
      summary: 'Invalid character',
      detail: 'A "`" has no meaning here. Text of several lines is written as a heredoc, which begins with <<EOT.',
      isPaired: true,
    },
  ],
  [
    kind.apostrophe,
    {
      summary: 'Invalid character',
      detail: 'A single quote has no meaning here. Text stands in double quotes.',
      isPaired: true,
    },
  ],
  [
    kind.semicolon,
    {
      summary: 'Invalid character',
      detail:
        'A ";" has no meaning here. Arguments and blocks begin on lines of their own, elements are separated by commas.',
      maxReports: 1,
    },
  ],
  [
    kind.invalidUtf8,
    {
      summary: 'Invalid character encoding',
      detail: 'The file is not encoded in UTF-8. Save it as UTF-8 in your editor.',
      maxReports: 1,
    },
  ],
  [
    kind.quotedNewline,
    {
      summary: 'Invalid multi-line string',
      detail: 'The closing quote is missing on this line. Use a heredoc or \\n for text of several lines.',
    },
  ],
  [kind.invalid, { summary: 'Invalid character', detail: 'This character has no meaning in the language.' }],
])

const curlyQuoteDetail = 'Text stands in straight double quotes ("), not in typographic ones.'

export function unsupportedTokenErrors(tokens: Tokens, source: Source): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const counts = new Map<Kind, number>()
  for (let index = 0; index < tokens.count; index++) {
    const found = tokens.kindOf(index)
    const problem = problems.get(found)
    if (!problem) continue
    const count = counts.get(found) ?? 0
    // Two pairs are told and no more, as in Terraform.
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
  if (hint) return `There is no operator ${text}. ${hint}`
  return text === '“' || text === '”' ? curlyQuoteDetail : detail
}
