// The folder in which an agent keeps the screens of its terminals: who may write there, which sessions of earlier
// holders are in it, and for how long. What is in a session's own folder is the recorder's.

import { randomUUID } from 'node:crypto'
import { type Dirent, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../lib/process-identity.ts'
import { readDescription, type StoredDescription } from '../screens/record/session-files.ts'

/** What the manifest says. */
export interface Retention {
  /** Lines above each screen; 0 keeps nothing at all. */
  readonly kept_lines: number
  /** For how long a session is kept after its process ended with its holder. */
  readonly kept_days: number
}

export interface SessionStore {
  /** Sessions whose process ended with an earlier holder, newest first. */
  restorable(): StoredDescription[]
  /** Where a new session is written down; undefined when its id makes no name for a folder. */
  create(id: string): StoredSession | undefined
  /** Takes a session of an earlier holder over. */
  restore(id: string): StoredSession | undefined
  /** Offers it again: nothing could be started where it ended. */
  putBack(restored: StoredSession): void
  /** @returns false when there is none of that id */
  remove(id: string): Promise<boolean>
  /** Keeps from now on what this says, and takes away what is beyond it. */
  setRetention(retention: Retention): Promise<void>
  close(): void
}

export interface StoredSession {
  readonly folder: string
  /** Of what an earlier holder left there. */
  readonly description?: StoredDescription
}

// As many as a person may have had open; what is older than these is not missed.
const maxRestorable = 200

// Time passes while the agent runs: what expired is taken away a few times a day.
const expireEveryMs = 6 * 60 * 60_000
const dayMs = 24 * 60 * 60_000

/** Ids become names of folders. */
const idPattern = /^[\w-]{1,64}$/

/** @returns undefined while another holder that lives has the folder. @throws Error when it cannot be written to. */
export async function openSessionStore(
  folder: string,
  retention: Retention,
  onTrouble: (message: string) => void,
): Promise<SessionStore | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!takeLock(folder)) return undefined
  await removeForsaken(dirname(folder), retention.kept_days * dayMs)
  let restorable = await findSessions(folder)
  let { kept_days: days, kept_lines: lines } = retention
  const folderOf = (id: string) => join(folder, id)
  const say = (error: Error) =>
    onTrouble(
      `A terminal's screen can not be kept in ${folder}: ${error.message}. The terminal goes on, and this is tried again.`,
    )

  const removeAll = (gone: readonly StoredDescription[]) =>
    Promise.all(gone.map(({ id }) => rm(folderOf(id), { recursive: true, force: true })))

  async function expire(): Promise<void> {
    const oldest = Date.now() - days * dayMs
    const isKept = ({ seen_at }: StoredDescription, rank: number) =>
      lines > 0 && rank < maxRestorable && Date.parse(seen_at) >= oldest
    const gone = restorable.filter((session, rank) => !isKept(session, rank))
    restorable = restorable.filter(isKept)
    await removeAll(gone)
  }

  await expire()
  const timer = setInterval(() => expire().catch(say), expireEveryMs).unref()

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
      const gone = restorable.filter((session) => session.id === id)
      restorable = restorable.filter((session) => session.id !== id)
      await removeAll(gone)
      return gone.length > 0
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

/** Newest first. A folder in which nothing is to be read is taken away. */
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

/** Folders beside this one, of agents of the same name in workspaces that are gone, once they are as old as anything may be. */
async function removeForsaken(folder: string, maxAgeMs: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory() || isHeld(path)) continue
    // Another holder may be at it, too.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > Math.max(maxAgeMs, dayMs)) await rm(path, { recursive: true, force: true })
  }
}

const lockOf = (folder: string) => join(folder, 'holder.json')

function readLock(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
  } catch {
    return undefined // none, or cut off by a crash
  }
}

function isHeld(folder: string): boolean {
  const holder = readLock(lockOf(folder))
  return holder !== undefined && holder.pid !== process.pid && isAlive(holder)
}

function takeLock(folder: string): boolean {
  const identity = JSON.stringify(identifyProcess(process.pid))
  try {
    writeFileSync(lockOf(folder), identity, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (isHeld(folder)) return false
  // Of two that see the same dead holder only one gets its file away.
  const stale = `${lockOf(folder)}.${randomUUID()}`
  try {
    renameSync(lockOf(folder), stale)
  } catch {
    return false
  }
  rmSync(stale, { force: true })
  return takeLock(folder)
}

function releaseLock(folder: string): void {
  if (readLock(lockOf(folder))?.pid === process.pid) rmSync(lockOf(folder), { force: true })
}

/** Waits for a holder that is about to end, such as that of the build before. */
export async function waitForSessionStore(
  open: () => Promise<SessionStore | undefined>,
  patienceMs: number,
): Promise<SessionStore | undefined> {
  for (const limit = Date.now() + patienceMs; ; ) {
    const keeping = await open()
    if (keeping || Date.now() > limit) return keeping
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Where an agent keeps them: in the data folder of a deployment on this computer, which takes them away with the
 *  workspace; else where programs keep what is theirs. By the agent's name, since its id is another after each build. */
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
