// Regular expressions in the syntax Terraform has (RE2), made into JavaScript ones that cannot run away.

import { setFlagsFromString } from 'node:v8'

// Where a pattern backtracks too often the engine starts over with one that takes linear time. It knows everything
// that RE2 has, as long as the `u` flag is not set; what RE2 lacks is refused below.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const cache = new Map<string, RegExp | string>()
// Enough for every pattern of a large deployment's templates; beyond it the cache starts anew.
const maxCached = 1_000

/** A global expression, or the reason why the pattern is none. */
export function compileRegExp(pattern: string): RegExp | string {
  const known = cache.get(pattern)
  if (known !== undefined) {
    if (typeof known !== 'string') known.lastIndex = 0
    return known
  }
  if (cache.size >= maxCached) cache.clear()
  const compiled = compile(pattern)
  cache.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): RegExp | string {
  const unsupported = /(?<!\\)(?:\\\\)*\(\?(?:[=!]|<[=!])/.test(pattern)
    ? 'look-around is not supported'
    : /(?<!\\)(?:\\\\)*\\[1-9]/.test(pattern)
      ? 'references to groups are not supported'
      : undefined
  if (unsupported) return unsupported
  const { source, flags } = translate(pattern)
  try {
    return new RegExp(source, `g${flags}`)
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')
  }
}

function translate(pattern: string): { source: string; flags: string } {
  const [leading = '', letters = ''] = /^\(\?([imsU]+)\)/.exec(pattern) ?? []
  const source = pattern
    .slice(leading.length)
    .replace(/\(\?P</g, '(?<')
    .replace(/(?<!\\)((?:\\\\)*)\\z/g, '$1$(?![\\s\\S])')
    .replace(/(?<!\\)((?:\\\\)*)\\A/g, '$1(?<![\\s\\S])')
    .replace(/\[\[:(alpha|digit|alnum|upper|lower|space|word):\]/g, (_, name: string) => `[${posixClasses[name]}`)
    .replace(/\[:(alpha|digit|alnum|upper|lower|space|word):\]/g, (_, name: string) => posixClasses[name] ?? '')
  return { source, flags: letters.replace(/[^ims]/g, '') }
}

const posixClasses: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  word: '\\w',
}

/** Puts groups into a replacement: `$1`, `${name}`; `$$` is a dollar. */
export function expandReplacement(replacement: string, match: RegExpExecArray): string {
  return replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$'
    const name = braced ?? bare ?? ''
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? ''
  })
}
