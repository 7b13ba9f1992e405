// The query language of lists: words separated by spaces, `key:value` or bare, double quotes around what has spaces or
// colons in it. Knows no keys but by what it is told. Reads each character once: the text is anybody's.

import type { ValidationError } from '../../api/common.ts'
import { ApiError } from '../../api/errors.ts'

export interface SearchTerm {
  /** Empty for a bare word. */
  readonly key: string
  readonly value: string
}

export interface Search {
  readonly terms: readonly SearchTerm[]
  /** One sentence each, about a key or, as `q`, about the text itself. */
  readonly problems: readonly ValidationError[]
}

/** Keys and values come back in lower case.
 *  @param many keys that may be there more than once; all others hold one value */
export function parseSearch(text: string, many: ReadonlySet<string> = new Set()): Search {
  const terms: SearchTerm[] = []
  const problems: ValidationError[] = []
  const wrong = (detail: string, field = 'q') => problems.push({ field, detail })
  // PostgreSQL has no text with zero bytes in it.
  if (text.includes('\0')) wrong('The query has a zero byte in it.')
  const seen = new Set<string>()
  for (const { raw, parts } of splitWords(text.toLowerCase())) {
    const [first = '', second] = parts
    if (parts.length > 2) wrong(`"${raw}" has more than one colon. Put quotes around a value with colons.`)
    else if (second === undefined) terms.push({ key: '', value: first })
    else if (first === '' || second === '') wrong(`"${raw}" must be a key, a colon and a value.`)
    else if (seen.has(first) && !many.has(first)) wrong(`"${first}" is there more than once.`, first)
    else terms.push({ key: first, value: second })
    seen.add(first)
  }
  return { terms, problems }
}

/** The values of each of these keys as one term: `status:active status:dormant` asks for the same as
 *  `status:active,dormant`. */
export function joinLists(terms: readonly SearchTerm[], lists: ReadonlySet<string>): SearchTerm[] {
  const joined = [...lists].flatMap((key) => {
    const values = terms.filter((term) => term.key === key).map(({ value }) => value)
    return values.length > 0 ? [{ key, value: values.join(',') }] : []
  })
  return [...terms.filter(({ key }) => !lists.has(key)), ...joined]
}

/** What is wrong with a query, each with its key as the field. @param noun what is looked for */
export const invalidSearch = (noun: string, validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, `Invalid ${noun} search query.`, { validations })

export const unknownKey = (key: string, keys: readonly string[]): ValidationError => ({
  field: key,
  detail: `"${key}" is not a valid search key. Keys: ${keys.filter(Boolean).join(', ')}.`,
})

interface Word {
  readonly raw: string
  /** What its colons outside of quotes separate, without the quotes. */
  readonly parts: string[]
}

function splitWords(text: string): Word[] {
  const words: Word[] = []
  let raw = ''
  let parts = ['']
  let isQuoted = false
  const end = () => {
    if (raw !== '') words.push({ raw, parts })
    raw = ''
    parts = ['']
  }
  for (const character of text) {
    if (!isQuoted && /\s/.test(character)) {
      end()
      continue
    }
    raw += character
    if (character === '"') isQuoted = !isQuoted
    else if (character === ':' && !isQuoted) parts.push('')
    else parts[parts.length - 1] += character
  }
  end()
  return words
}
