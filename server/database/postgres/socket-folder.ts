// The private folder of PostgreSQL's socket, in the temporary folder: the path of a socket is limited to about 100
// bytes, the path of a data folder is not.

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '../start-error.ts'
import { type Account, changeOwner } from './account.ts'

// Below the limits of macOS (104 with the terminating zero) and Linux (108).
const maxSocketPathBytes = 100

const socketName = '.s.PGSQL.5432'

/** Creates a folder that only the account can enter. Its random name cannot be occupied in advance. */
export function makeSocketFolder(cluster: string, account: Account | null): string {
  const folder = mkdtempSync(join(temporaryFolder(), namePrefix(cluster)))
  changeOwner(folder, account)
  return folder
}

/** Prepares the folder for a restart: recreates it if it was removed, and empties it. */
export function resetSocketFolder(folder: string, account: Account | null): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })) {
    mkdirSync(folder, { mode: 0o700 })
    changeOwner(folder, account)
  }
  const stat = lstatSync(folder)
  const owner = account?.uid ?? process.getuid?.() ?? stat.uid
  if (!stat.isDirectory() || stat.uid !== owner || (stat.mode & 0o077) !== 0) {
    throw new StartError(`The owner or the permissions of ${folder} changed while PostgreSQL was down. Restart coderd.`)
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
}

/** Removes socket folders of previous starts of this cluster. Requires the supervisor's lock. */
export function removeStaleSocketFolders(cluster: string, inUse: string): void {
  const parent = temporaryFolder()
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name)
    if (name.startsWith(namePrefix(cluster)) && folder !== inUse) removeIfOwned(folder, lstatSync(inUse).uid)
  }
}

function removeIfOwned(folder: string, uid: number): void {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  if (stat?.isDirectory() && stat.uid === uid) rmSync(folder, { recursive: true, force: true })
}

function namePrefix(cluster: string): string {
  return `coder-local-${createHash('sha256').update(cluster).digest('hex').slice(0, 10)}-`
}

function temporaryFolder(): string {
  const longest = join(tmpdir(), `${namePrefix('')}XXXXXX`, socketName)
  return Buffer.byteLength(longest) <= maxSocketPathBytes ? tmpdir() : '/tmp'
}
