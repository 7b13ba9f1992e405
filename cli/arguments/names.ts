// Validates names and email addresses before any request is sent.

import { CommandError } from '../output/errors.ts'

const namePattern = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/

type Kind = 'template' | 'user' | 'workspace'

/** @returns why the name is invalid; undefined for a valid one */
export const validateName = (kind: Kind, name: string): string | undefined =>
  name.length <= 32 && namePattern.test(name) ? undefined : `"${name}" cannot be the name of a ${kind}.`

/** @throws CommandError */
export function requireValidName(kind: Kind, name: string): void {
  const reason = validateName(kind, name)
  if (reason === undefined) return
  throw new CommandError(reason, {
    detail: 'A name consists of at most 32 letters, digits and single hyphens between them.',
  })
}

/** @returns why the address is invalid; undefined for a valid one */
export const validateEmail = (address: string): string | undefined =>
  /^[^\s@]+@[^\s@]+$/.test(address) ? undefined : `"${address}" is not an email address.`
