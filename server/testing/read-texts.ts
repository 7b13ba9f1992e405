import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** All that the files below a folder hold, one a piece, byte by byte as letters. Files may come and go meanwhile. */
export function textsUnder(folder: string): string[] {
  return orNothing(() => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => orNothing(() => [readFileSync(join(parentPath, name), 'latin1')]))
}

function orNothing<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
