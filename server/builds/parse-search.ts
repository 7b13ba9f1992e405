// The query language of lists: words separated by spaces, `key:value` or bare, double quotes around what has spaces in
// it. Knows no keys.

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
  const problems: string[] = []
  for (const [word] of text.toLowerCase().matchAll(/(?:"[^"]*"|[^\s"])+/g)) {
    const parts = splitAtColons(word).map((part) => part.replaceAll('"', ''))
    const [first = '', second] = parts
    if (parts.length > 2) problems.push(`"${word}" has more than one colon. Put quotes around a value with colons.`)
    else if (second === undefined) terms.push({ key: '', value: first })
    else if (first === '' || second === '') problems.push(`"${word}" must be a key, a colon and a value.`)
    else terms.push({ key: first, value: second })
  }
  return { terms, problems }
}

/** Colons inside of quotes do not separate. */
function splitAtColons(word: string): string[] {
  return word.split(/:(?=(?:[^"]*"[^"]*")*[^"]*$)/)
}
