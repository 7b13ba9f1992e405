// Tokenizes the search language of lists: words separated by spaces, `key:value` or bare, with double quotes around
// values that contain spaces or colons. The callers define the keys. Linear in the length of the text, which is
// untrusted.

import type { ValidationError } from '../../api/common.ts'
import { ApiError } from '../../api/errors.ts'

export interface SearchTerm {
  /** Empty for a bare word. */
  readonly key: string
  readonly value: string
}

export interface Search {
  readonly terms: readonly SearchTerm[]
  /** Errors about a key, or about the text itself with the field `q`. */
  readonly problems: readonly ValidationError[]
}

/** Converts keys and values to lower case.
 *  @param repeatableKeys keys that may occur more than once; all others have one value */
export function parseSearch(text: string, repeatableKeys: ReadonlySet<string> = new Set()): Search {
  const terms: SearchTerm[] = []
  const problems: ValidationError[] = []
  const addProblem = (detail: string, field = 'q') => problems.push({ field, detail })
  // PostgreSQL does not store zero bytes in texts.
  if (text.includes('\0')) addProblem('The query contains a zero byte.')
  const seen = new Set<string>()
  for (const { raw, parts } of splitWords(text.toLowerCase())) {
    const [first = '', second] = parts
    if (parts.length > 2) addProblem(`"${raw}" has more than one colon. Put quotes around a value with colons.`)
    else if (second === undefined) terms.push({ key: '', value: first })
    else if (first === '' || second === '') addProblem(`"${raw}" must be a key, a colon and a value.`)
    else if (seen.has(first) && !repeatableKeys.has(first)) addProblem(`"${first}" occurs more than once.`, first)
    else terms.push({ key: first, value: second })
    seen.add(first)
  }
  return { terms, problems }
}

/** Joins the values of each of these keys into one term: `status:active status:dormant` is equivalent to
 *  `status:active,dormant`. */
export function joinLists(terms: readonly SearchTerm[], lists: ReadonlySet<string>): SearchTerm[] {
  const joined = [...lists].flatMap((key) => {
    const values = terms.filter((term) => term.key === key).map(({ value }) => value)
    return values.length > 0 ? [{ key, value: values.join(',') }] : []
  })
  return [...terms.filter(({ key }) => !lists.has(key)), ...joined]
}

/** @param noun the objects that are searched, for the message */
export const invalidSearch = (noun: string, validations: readonly ValidationError[]): ApiError =>
  new ApiError(400, `Invalid ${noun} search query.`, { validations })

export const unknownKey = (key: string, keys: readonly string[]): ValidationError => ({
  field: key,
  detail: `"${key}" is not a valid search key. Keys: ${keys.filter(Boolean).join(', ')}.`,
})

interface Word {
  readonly raw: string
  /** The parts between unquoted colons, without quotes. */
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
