// Records the processes of a workspace, beside their logs: the intent before the start, the process identity immediately after
// it. If coderd is killed before the state is stored, the workspace's next build finds the process by its record and
// terminates it. A terminated process's record is deleted.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../lib/process-identity.ts'
import type { HostContext } from './context.ts'
import { terminateProcessTree } from './process-tree.ts'
import { workspaceDir } from './workspace-dir.ts'

/** The environment variable with the resource id: it identifies a process whose pid could not be recorded. */
export const processMarker = 'CODER_LOCAL_PROCESS'

interface ProcessRecord {
  /** The id of the resource. */
  readonly id: string
  /** Undefined while the process starts. */
  readonly identity?: ProcessIdentity
}

const recordsDir = (context: HostContext) => join(workspaceDir(context), 'processes')
const recordPath = (context: HostContext, id: string) => join(recordsDir(context), `${id}.json`)

/** @throws Error if the record cannot be written: an unrecorded process must not start. */
export function recordIntent(context: HostContext, id: string): void {
  mkdirSync(recordsDir(context), { recursive: true, mode: 0o700 })
  writeRecord(context, { id })
}

export function recordProcess(context: HostContext, id: string, pid: number): void {
  const identity = identifyProcess(pid)
  if (identity) writeRecord(context, { id, identity })
}

function writeRecord(context: HostContext, record: ProcessRecord): void {
  writeFileSync(recordPath(context, record.id), JSON.stringify(record), { mode: 0o600 })
}

export function deleteProcessRecord(context: HostContext, id: string): void {
  rmSync(recordPath(context, id), { force: true })
}

/** Terminates recorded processes that are not in the workspace's state.
 *  @param knownIds the resource ids in the state. @returns the pids of the terminated processes. */
export async function terminateOrphanProcesses(
  context: HostContext,
  knownIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const terminated: number[] = []
  for (const { id, identity } of readRecords(context)) {
    if (knownIds.has(id)) continue
    const processes = identity ? [identity] : findMarked(id)
    for (const process of processes.filter(isAlive)) {
      await terminateProcessTree(process.pid, process.startedAt, signal)
      terminated.push(process.pid)
    }
    deleteProcessRecord(context, id)
  }
  return terminated
}

/** Processes with the marker in their environment. Linux only: other systems do not expose it. */
function findMarked(id: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return []
  const pids = listNames('/proc').filter((name) => /^\d+$/.test(name))
  const marked = pids.filter((pid) => readText(`/proc/${pid}/environ`).split('\0').includes(`${processMarker}=${id}`))
  return marked.flatMap((pid) => identifyProcess(Number(pid)) ?? [])
}

function readRecords(context: HostContext): ProcessRecord[] {
  const dir = recordsDir(context)
  return listNames(dir).flatMap((name) => parseRecord(readText(join(dir, name))) ?? [])
}

function listNames(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return [] // no process was ever recorded
  }
}

/** Empty if the file no longer exists or is not readable. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Undefined for a record truncated by a full disk or a machine crash; a crash also ended the process. */
function parseRecord(text: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<ProcessRecord>
    return typeof record.id === 'string' ? { id: record.id, identity: record.identity } : undefined
  } catch {
    return undefined
  }
}
