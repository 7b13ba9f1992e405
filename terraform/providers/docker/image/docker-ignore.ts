// Patterns of .dockerignore: Go's filepath.Match with `**`, and `!` for exceptions; the last match decides.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Rule {
  readonly isException: boolean
  readonly pattern: RegExp
}

/** @returns whether a path, relative to the folder and with slashes, is excluded */
export function createIgnoreMatcher(folder: string): (path: string) => boolean {
  const file = join(folder, '.dockerignore')
  const rules = existsSync(file) ? readFileSync(file, 'utf8').split(/\r?\n/).flatMap(parseRule) : []
  return (path) =>
    rules.reduce((excluded, { isException, pattern }) => (pattern.test(path) ? !isException : excluded), false)
}

function parseRule(line: string): Rule[] {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return []
  const isException = text.startsWith('!')
  const glob = (isException ? text.slice(1) : text)
    .trim()
    .replace(/^\.?\//, '')
    .replace(/\/+$/, '')
  if (glob === '' || glob === '.') return []
  // A pattern that matches a folder also matches its content.
  return [{ isException, pattern: new RegExp(`^${translate(glob)}(?:/.*)?$`, 's') }]
}

const tokens = /\*\*\/|\*\*|\*|\?|\[[^\]]*\]|\\.|[\s\S]/g

function translate(glob: string): string {
  return (glob.match(tokens) ?? [])
    .map((token) => {
      if (token === '**/') return '(?:.*/)?'
      if (token === '**') return '.*'
      if (token === '*') return '[^/]*'
      if (token === '?') return '[^/]'
      if (/^\[[^\]]+\]$/.test(token)) return token
      return token.replace(/^\\(?=.)/, '').replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    })
    .join('')
}
