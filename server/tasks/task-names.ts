// Generates names for unnamed tasks.

import { randomBytes } from 'node:crypto'

const maxPrefixLength = 26

/** Combines the first words of the prompt with a unique suffix. */
export function taskNameFor(prompt: string): string {
  const words = prompt
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxPrefixLength)
    .replace(/^-+|-+$/g, '')
  return `${words || 'task'}-${randomBytes(2).toString('hex')}`
}

const maxDisplayNameLength = 64

export const displayNameFor = (prompt: string): string =>
  (prompt.split('\n')[0] ?? '').trim().slice(0, maxDisplayNameLength).trim()
