// One coderd per data folder. The lock file identifies its holder by pid, start time and boot ID, so that a stale lock
// after a kill or a reboot is detected and taken over.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../lib/process-identity.ts'

/** Another coderd holds the data folder. */
class AlreadyRunningError extends Error {
  readonly pid: number
  constructor(dataDir: string, pid: number) {
    super(`Coder Local is already running on ${dataDir} (process ${pid}).`)
    this.name = 'AlreadyRunningError'
    this.pid = pid
  }
}

/** @returns a function that releases the lock. @throws AlreadyRunningError while another live process holds it. */
export function takeInstanceLock(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'coderd.lock')
  const self = identifyProcess(process.pid)
  if (!self) throw new Error('this process cannot identify itself')
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(self), { mode: 0o600 })
  try {
    while (!tryLink(draft, path)) {
      const holder = readHolder(path)
      if (holder && isAlive(holder)) throw new AlreadyRunningError(dataDir, holder.pid)
      removeStaleLock(path, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true })
  }
}

/** Hard links are created atomically, and only one process succeeds. */
function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Renames the stale lock file. Restores it when a live process has replaced it meanwhile. */
function removeStaleLock(path: string, dead: ProcessIdentity | null): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = readHolder(aside)
  if (moved && moved.pid !== dead?.pid && isAlive(moved)) tryLink(aside, path)
  rmSync(aside, { force: true })
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return null
  }
}
