// What the system says when it has run out of something, as a person understands it who is to do something about it.

import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

const shortages: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space',
  EDQUOT: 'All the disk space that this user may have is used. Free some',
  EROFS: 'The disk takes no changes. See why it is mounted read-only',
  EMFILE: 'This program may open no more files. Close what holds connections to it, or raise its limit (ulimit -n)',
  ENFILE: 'The system can open no more files. End some programs',
  ENOMEM: 'The system has no memory left. End some programs',
  // Of a socket it means something else.
  'EAGAIN spawn': 'The system allows no more processes. End some, or raise its limit (ulimit -u)',
}

/** Null for every other error. */
export function explainResourceError(error: unknown): string | null {
  const { code = '', syscall = '', message } = error as NodeJS.ErrnoException
  const shortage = shortages[code] ?? shortages[`${code} ${syscall.split(' ')[0]}`]
  return shortage ? `${shortage}, and try again (${message}).` : null
}

/** Null when this process can open one. Where none can be had, sockets that come are lost without an error. */
export function explainFileOpenFailure(): string | null {
  try {
    closeSync(openSync(devNull, 'r'))
    return null
  } catch (error) {
    return explainResourceError(error) ?? (error as Error).message
  }
}
