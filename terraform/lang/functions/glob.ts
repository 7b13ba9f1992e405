// Glob patterns: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of folders.

/** Matches whole slash-separated paths; returns an error message for an invalid pattern. */
export function compileGlob(pattern: string): RegExp | string {
  let source = ''
  let openBraces = 0
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] as string
    if (character === '*') {
      const isDeep = pattern[at + 1] === '*' && (at === 0 || pattern[at - 1] === '/')
      const isFolder = isDeep && pattern[at + 2] === '/'
      const isAll = isDeep && at + 2 === pattern.length
      source += isFolder ? '(?:[^/]+/)*' : isAll ? '.*' : '[^/]*'
      at += isFolder ? 2 : isAll ? 1 : 0
    } else if (character === '?') source += '[^/]'
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2)
      if (end === -1) return 'the closing ] is missing'
      const inside = pattern
        .slice(at + 1, end)
        .replace(/^[!^]/, '^')
        .replace(/[[\\]/g, '\\$&')
      source += `(?!/)[${inside}]`
      at = end
    } else if (character === '{') {
      openBraces++
      source += '(?:'
    } else if (character === '}' && openBraces > 0) {
      openBraces--
      source += ')'
    } else if (character === ',' && openBraces > 0) source += '|'
    else if (character === '\\') source += escapeCharacter(pattern[++at] ?? '\\')
    else source += escapeCharacter(character)
  }
  if (openBraces > 0) return 'the closing } is missing'
  try {
    return new RegExp(`^${source}$`, 's')
  } catch (error) {
    return (error as Error).message
  }
}

const escapeCharacter = (character: string) => character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
