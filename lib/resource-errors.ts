// Explains errors about exhausted system resources, with the action to take.

import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

const explanations: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space',
  EDQUOT: 'The disk quota of this user is exceeded. Free some space',
  EROFS: 'The file system is read-only. Check why it is mounted read-only',
  EMFILE:
    'This program has reached its limit of open files. Close programs that hold connections to it, or raise its limit (ulimit -n)',
  ENFILE: 'The system has reached its limit of open files. Quit some programs',
  ENOMEM: 'The system is out of memory. Quit some programs',
  // EAGAIN of a socket has another meaning.
  'EAGAIN spawn': 'The system allows no more processes. Quit some programs, or raise its limit (ulimit -u)',
}

/** Null for every other error. */
export function explainResourceError(error: unknown): string | null {
  const { code = '', syscall = '', message } = error as NodeJS.ErrnoException
  const explanation = explanations[code] ?? explanations[`${code} ${syscall.split(' ')[0]}`]
  return explanation ? `${explanation}, and try again (${message}).` : null
}

/** Null when this process can open a file. When it cannot, incoming connections are dropped without an error. */
export function explainFileOpenFailure(): string | null {
  try {
    closeSync(openSync(devNull, 'r'))
    return null
  } catch (error) {
    return explainResourceError(error) ?? (error as Error).message
  }
}
