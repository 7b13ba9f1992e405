// Glob patterns: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any number of folders.

import type { RegExpProgram } from '../regexp/program.ts'
import { compileRegExp } from '../regexp/regexp.ts'

/** Matches whole slash-separated paths, in linear time; returns an error message for an invalid pattern. */
export function compileGlob(pattern: string): RegExpProgram | string {
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
      source += toClass(pattern.slice(at + 1, end))
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
  return compileRegExp(`(?s)^(?:${source})$`)
}

/** The class without the slash, which only separates folders. */
function toClass(text: string): string {
  const isNegated = /^[!^]/.test(text)
  const characters = [...(isNegated ? text.slice(1) : text)]
  const ranges: string[] = []
  for (let at = 0; at < characters.length; at++) {
    const first = characters[at] as string
    const isRange = characters[at + 1] === '-' && at + 2 < characters.length
    const last = isRange ? (characters[at + 2] as string) : first
    if (isRange) at += 2
    if (isNegated || last < '/' || first > '/') ranges.push(toRange(first, last))
    else {
      if (first < '/') ranges.push(toRange(first, '.'))
      if (last > '/') ranges.push(toRange('0', last))
    }
  }
  if (isNegated) return `[^/${ranges.join('')}]`
  // Go has no empty class; this one never matches.
  return ranges.length === 0 ? '[^\\x00-\\x{10FFFF}]' : `[${ranges.join('')}]`
}

const toRange = (first: string, last: string): string =>
  first === last ? escapeInClass(first) : `${escapeInClass(first)}-${escapeInClass(last)}`

const escapeInClass = (character: string) => character.replace(/[\\\]^[-]/, '\\$&')

const escapeCharacter = (character: string) => character.replace(/[.*+?^${}()|[\]\\]/, '\\$&')
