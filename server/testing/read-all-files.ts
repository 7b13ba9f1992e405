import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The contents of all files below a folder, decoded as Latin-1. Tolerates files that disappear during the call. */
export function readAllFiles(folder: string): string[] {
  return emptyIfMissing(() => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => emptyIfMissing(() => [readFileSync(join(parentPath, name), 'latin1')]))
}

function emptyIfMissing<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
