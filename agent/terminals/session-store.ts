// The folder in which an agent stores its terminal sessions: the lock of its holder, the sessions of earlier holders,
// and retention. The recorder writes the files of a session.

import { randomUUID } from 'node:crypto'
import { type Dirent, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../lib/process-identity.ts'
import { readDescription, type StoredDescription } from '../screens/record/session-files.ts'

/** From the manifest. */
export interface Retention {
  /** Scrollback lines to store; 0 stores nothing. */
  readonly kept_lines: number
  /** Lifetime of a session whose process ended with its holder. */
  readonly kept_days: number
}

export interface SessionStore {
  /** Sessions whose process ended with an earlier holder, newest first. */
  restorable(): StoredDescription[]
  /** Folder of a new session; undefined when its id is not a valid folder name. */
  create(id: string): StoredSession | undefined
  /** Claims a session of an earlier holder; undefined when it does not exist. */
  restore(id: string): StoredSession | undefined
  /** Returns the claim: no process could be started. */
  putBack(restored: StoredSession): void
  /** @returns false when the session does not exist */
  remove(id: string): Promise<boolean>
  /** Applies a new retention and deletes what exceeds it. */
  setRetention(retention: Retention): Promise<void>
  close(): void
}

export interface StoredSession {
  readonly folder: string
  /** Set for a session of an earlier holder. */
  readonly description?: StoredDescription
}

// Limit of stored sessions; older ones are deleted.
const maxRestorable = 200

// Interval of deleting expired sessions.
const expireEveryMs = 6 * 60 * 60_000
const dayMs = 24 * 60 * 60_000

/** Ids are used as folder names. */
const idPattern = /^[\w-]{1,64}$/

/** @returns undefined while another running holder owns the folder. @throws Error when it is not writable. */
export async function openSessionStore(
  folder: string,
  retention: Retention,
  onError: (message: string) => void,
): Promise<SessionStore | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!acquireLock(folder)) return undefined
  await removeStale(dirname(folder), retention.kept_days * dayMs)
  let restorable = await findSessions(folder)
  let { kept_days: days, kept_lines: lines } = retention
  const folderOf = (id: string) => join(folder, id)
  const reportError = (error: Error) =>
    onError(
      `Could not store a terminal screen in ${folder}: ${error.message}. The terminal is not affected; storing is retried.`,
    )

  const removeAll = (sessions: readonly StoredDescription[]) =>
    Promise.all(sessions.map(({ id }) => rm(folderOf(id), { recursive: true, force: true })))

  async function expire(): Promise<void> {
    const oldest = Date.now() - days * dayMs
    const isRetained = ({ seen_at }: StoredDescription, rank: number) =>
      lines > 0 && rank < maxRestorable && Date.parse(seen_at) >= oldest
    const expired = restorable.filter((session, rank) => !isRetained(session, rank))
    restorable = restorable.filter(isRetained)
    await removeAll(expired)
  }

  await expire()
  const timer = setInterval(() => expire().catch(reportError), expireEveryMs).unref()

  return {
    restorable: () => restorable,
    create: (id) => (idPattern.test(id) ? { folder: folderOf(id) } : undefined),
    restore(id) {
      const description = restorable.find((session) => session.id === id)
      if (!description) return undefined
      restorable = restorable.filter((session) => session !== description)
      return { folder: folderOf(id), description }
    },
    putBack({ description }) {
      if (description) restorable = [description, ...restorable]
    },
    async remove(id) {
      const removed = restorable.filter((session) => session.id === id)
      restorable = restorable.filter((session) => session.id !== id)
      await removeAll(removed)
      return removed.length > 0
    },
    async setRetention({ kept_lines, kept_days }) {
      lines = kept_lines
      days = kept_days
      await expire()
    },
    close() {
      clearInterval(timer)
      releaseLock(folder)
    },
  }
}

/** Newest first. Deletes unreadable folders. */
async function findSessions(folder: string): Promise<StoredDescription[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found = await Promise.all(
    entries.filter(isSessionFolder).map(({ name }) => readOrRemove(join(folder, name), name)),
  )
  return found.filter((session) => session !== undefined).sort((a, b) => Date.parse(b.seen_at) - Date.parse(a.seen_at))
}

const isSessionFolder = (entry: Dirent) => entry.isDirectory() && idPattern.test(entry.name)

async function readOrRemove(folder: string, id: string): Promise<StoredDescription | undefined> {
  const description = await readDescription(folder, id)
  if (description) return description
  await rm(folder, { recursive: true, force: true })
  return undefined
}

/** Deletes expired folders of agents whose workspaces no longer exist. */
async function removeStale(folder: string, maxAgeMs: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory() || isHeld(path)) continue
    // Another holder may delete it concurrently.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > Math.max(maxAgeMs, dayMs)) await rm(path, { recursive: true, force: true })
  }
}

const lockPath = (folder: string) => join(folder, 'holder.json')

function readLock(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return undefined // missing, or truncated by a crash
  }
}

function isHeld(folder: string): boolean {
  const holder = readLock(lockPath(folder))
  return holder !== undefined && holder.pid !== process.pid && isAlive(holder)
}

function acquireLock(folder: string): boolean {
  const identity = JSON.stringify(identifyProcess(process.pid))
  try {
    writeFileSync(lockPath(folder), identity, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (isHeld(folder)) return false
  // Several holders may find the same stale lock; only one of them can rename it.
  const stale = `${lockPath(folder)}.${randomUUID()}`
  try {
    renameSync(lockPath(folder), stale)
  } catch {
    return false
  }
  rmSync(stale, { force: true })
  return acquireLock(folder)
}

function releaseLock(folder: string): void {
  if (readLock(lockPath(folder))?.pid === process.pid) rmSync(lockPath(folder), { force: true })
}

/** Waits for an exiting holder, such as that of the previous build. */
export async function waitForSessionStore(
  open: () => Promise<SessionStore | undefined>,
  timeoutMs: number,
): Promise<SessionStore | undefined> {
  for (const deadline = Date.now() + timeoutMs; ; ) {
    const store = await open()
    if (store || Date.now() > deadline) return store
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Path of the store: in the data folder of a deployment on this computer, which deletes it with the workspace;
 *  otherwise in the user's state folder. By agent name, because the id changes with each build. */
export function sessionStoreFolder(
  dataDir: string | undefined,
  stateDir: string,
  { workspace_id, agent_name }: { readonly workspace_id: string; readonly agent_name: string },
): string | undefined {
  if (![workspace_id, agent_name].every((name) => idPattern.test(name))) return undefined
  return dataDir
    ? join(dataDir, 'workspaces', workspace_id, 'terminals', agent_name)
    : join(stateDir, 'coder-local', 'terminals', workspace_id, agent_name)
}
