// The private folder of PostgreSQL's socket. It lies below the system's temporary folder, because a socket's path may
// not be longer than about a hundred bytes and a data folder may be anything.

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartError } from '../start-error.ts'
import { type Account, changeOwner } from './account.ts'

// What macOS allows (104 with the final zero) less some room; Linux allows 108.
const maxSocketPathBytes = 100

const socketName = '.s.PGSQL.5432'

/** A new folder that only the account can enter. Its random name cannot be taken in advance by somebody else. */
export function makeSocketFolder(cluster: string, account: Account | null): string {
  const folder = mkdtempSync(join(temporaryFolder(), namePrefix(cluster)))
  changeOwner(folder, account)
  return folder
}

/** The same folder once more, after a crash: made again if somebody cleaned it away, emptied of what was left. */
export function resetSocketFolder(folder: string, account: Account | null): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })) {
    mkdirSync(folder, { mode: 0o700 })
    changeOwner(folder, account)
  }
  const stat = lstatSync(folder)
  const owner = account?.uid ?? process.getuid?.() ?? stat.uid
  if (!stat.isDirectory() || stat.uid !== owner || (stat.mode & 0o077) !== 0) {
    throw new StartError(`${folder} was taken over by somebody else while PostgreSQL was down. Start coderd again.`)
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
}

/** Removes the folders that earlier starts of this cluster left behind. Only for the one that holds the cluster. */
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
