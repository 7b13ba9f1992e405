// Regular expressions for the functions of the language: compiled once, and never slow. What they mean is in regexp/.

import { type Match, RegExpProgram, type Spend } from './program.ts'
import { parsePattern } from './syntax.ts'

/** A pattern was followed on a text for as long as it may. */
export class WorkLimitError extends Error {}

/** For whoever has no limit of a plan to take it from. A step is about half a microsecond. */
export function limitSteps(steps: number): Spend {
  let left = steps
  return () => {
    if (left-- <= 0) throw new WorkLimitError('the pattern takes too long on this text')
  }
}

const cache = new Map<string, RegExpProgram | string>()
// Enough for every pattern of a large deployment's templates; beyond it the cache starts anew.
const maxCached = 1_000

/** A program, or the reason why the pattern is none. */
export function compileRegExp(pattern: string): RegExpProgram | string {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  if (cache.size >= maxCached) cache.clear()
  const compiled = compile(pattern)
  cache.set(pattern, compiled)
  return compiled
}

function compile(pattern: string): RegExpProgram | string {
  const syntax = parsePattern(pattern)
  if (typeof syntax === 'string') return syntax
  try {
    return new RegExpProgram(syntax)
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

/** Puts groups into a replacement: `$1`, `${name}`; `$$` is a dollar. */
export function expandReplacement(replacement: string, { groups }: Match, { groupNames }: RegExpProgram): string {
  return replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$'
    const name = braced ?? bare ?? ''
    const index = /^\d+$/.test(name) ? Number(name) : groupNames.indexOf(name) + 1
    return (index === 0 && name !== '0' ? undefined : groups[index]) ?? ''
  })
}
