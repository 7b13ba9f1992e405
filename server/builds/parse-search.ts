// The query language of lists: words separated by spaces, `key:value` or bare, double quotes around what has spaces or
// colons in it. Knows no keys. Reads each character once: the text is anybody's.

export interface SearchTerm {
  /** Empty for a bare word. */
  readonly key: string
  readonly value: string
}

export interface Search {
  readonly terms: readonly SearchTerm[]
  /** One sentence each. */
  readonly problems: readonly string[]
}

/** Keys and values come back in lower case. */
export function parseSearch(text: string): Search {
  const terms: SearchTerm[] = []
  // PostgreSQL has no text with zero bytes in it.
  const problems = text.includes('\0') ? ['The query has a zero byte in it.'] : []
  for (const { raw, parts } of splitWords(text.toLowerCase())) {
    const [first = '', second] = parts
    if (parts.length > 2) problems.push(`"${raw}" has more than one colon. Put quotes around a value with colons.`)
    else if (second === undefined) terms.push({ key: '', value: first })
    else if (first === '' || second === '') problems.push(`"${raw}" must be a key, a colon and a value.`)
    else terms.push({ key: first, value: second })
  }
  return { terms, problems }
}

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
