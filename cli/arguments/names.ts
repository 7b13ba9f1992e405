// What names are like, told before anything is sent.

import { CommandError } from '../output/errors.ts'

const wellFormed = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/

type Kind = 'template' | 'user' | 'workspace'

/** Why this cannot be a name. @param kind of the thing, as a person calls it. */
export const refuseName = (kind: Kind, name: string): string | undefined =>
  name.length <= 32 && wellFormed.test(name) ? undefined : `"${name}" cannot be the name of a ${kind}.`

/** @throws CommandError */
export function requireName(kind: Kind, name: string): void {
  const reason = refuseName(kind, name)
  if (reason === undefined) return
  throw new CommandError(reason, {
    detail: 'A name has at most 32 letters and digits, with single hyphens between them.',
  })
}

export const refuseEmail = (address: string): string | undefined =>
  /^[^\s@]+@[^\s@]+$/.test(address) ? undefined : `"${address}" is not an email address.`
