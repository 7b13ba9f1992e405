// One coderd per data folder. The lock is a file that names its holder by pid, start time and boot id, so that what a
// kill or a reboot left behind is recognised and taken over.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../lib/process-identity.ts'

/** Somebody else runs on this data folder. */
class AlreadyRunningError extends Error {
  readonly pid: number
  constructor(dataDir: string, pid: number) {
    super(`Coder Local already runs on ${dataDir} (pid ${pid}).`)
    this.name = 'AlreadyRunningError'
    this.pid = pid
  }
}

/** @returns gives the lock back. @throws AlreadyRunningError while another live process holds it. */
export function takeInstanceLock(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'coderd.lock')
  const mine = identifyProcess(process.pid)
  if (!mine) throw new Error('this process cannot identify itself')
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    while (!linked(draft, path)) {
      const holder = readHolder(path)
      if (holder && isAlive(holder)) throw new AlreadyRunningError(dataDir, holder.pid)
      setAside(path, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true })
  }
}

/** A hard link appears whole or not at all, and only one of two can make it. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead holder's file away. Should a live one have taken its place meanwhile, it is put back. */
function setAside(path: string, dead: ProcessIdentity | null): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = readHolder(aside)
  if (moved && moved.pid !== dead?.pid && isAlive(moved)) linked(aside, path)
  rmSync(aside, { force: true })
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return null
  }
}
