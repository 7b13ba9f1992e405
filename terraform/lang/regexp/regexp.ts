// Regular expressions for built-in functions: compiled once, with linear-time matching.

import { type Match, RegExpProgram, type Spend } from './program.ts'
import { parsePattern } from './syntax.ts'

/** The match exceeded its step limit. */
export class WorkLimitError extends Error {}

/** A limit for callers outside a plan. A step takes about 0.5 µs. */
export function limitSteps(steps: number): Spend {
  let left = steps
  return () => {
    if (left-- <= 0) throw new WorkLimitError('the pattern takes too long on this text')
  }
}

const cache = new Map<string, RegExpProgram | string>()
// Exceeds the patterns of a large deployment; a full cache is cleared.
const maxCached = 1_000

/** A program, or the error for an invalid pattern. */
export function compileRegExp(pattern: string): RegExpProgram | string {
  const cached = cache.get(pattern)
  if (cached !== undefined) return cached
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

/** Expands groups in a replacement: `$1`, `${name}`; `$$` is a dollar sign. */
export function expandReplacement(replacement: string, { groups }: Match, { groupNames }: RegExpProgram): string {
  return replacement.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, unbraced?: string) => {
    if (whole === '$$') return '$'
    const name = braced ?? unbraced ?? ''
    const index = /^\d+$/.test(name) ? Number(name) : groupNames.indexOf(name) + 1
    return (index === 0 && name !== '0' ? undefined : groups[index]) ?? ''
  })
}
