// What names are like, told before anything is sent.

import { CommandError } from './errors.ts'

const wellFormed = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/

/** @param kind of the thing, as a person calls it. @throws CommandError */
export function requireName(kind: 'template' | 'workspace', name: string): void {
  if (name.length <= 32 && wellFormed.test(name)) return
  throw new CommandError(`"${name}" cannot be the name of a ${kind}.`, {
    detail: 'A name has at most 32 letters and digits, with single hyphens between them.',
  })
}
