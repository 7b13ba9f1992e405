// What was started for a workspace, written down beside its log: before it is started that it will be, and in the very
// moment it runs which process it is. Should coderd be killed before the state is stored, the workspace's next build
// finds the process by this and ends it. Forgotten again when the process is ended.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../lib/process-identity.ts'
import type { HostContext } from './context.ts'
import { terminateProcessTree } from './process-tree.ts'
import { workspaceDir } from './workspace-dir.ts'

/** Carries the id of the resource: by it a process is found whose pid could not be written down any more. */
export const processMarker = 'CODER_LOCAL_PROCESS'

interface ProcessRecord {
  /** The id of the resource. */
  readonly id: string
  /** Absent while the process is being started. */
  readonly identity?: ProcessIdentity
}

const recordsDir = (context: HostContext) => join(workspaceDir(context), 'processes')
const recordPath = (context: HostContext, id: string) => join(recordsDir(context), `${id}.json`)

/** @throws Error when it cannot be written: what nothing remembers must not run. */
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

/** Ends what was started for the workspace and is not in its state.
 *  @param knownIds of the resources that the state names. @returns the pids of those that were ended. */
export async function terminateOrphanProcesses(
  context: HostContext,
  knownIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const ended: number[] = []
  for (const { id, identity } of readRecords(context)) {
    if (knownIds.has(id)) continue
    const processes = identity ? [identity] : findMarked(id)
    for (const process of processes.filter(isAlive)) {
      await terminateProcessTree(process.pid, process.startedAt, signal)
      ended.push(process.pid)
    }
    deleteProcessRecord(context, id)
  }
  return ended
}

/** Processes that carry the marker; only Linux shows another process's environment. */
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
    return [] // nothing was ever started
  }
}

/** Empty for what is gone by now, or is somebody else's. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Undefined for a record that was cut off by a full disk or a crash of the machine, which took the process along. */
function parseRecord(text: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(text) as Partial<ProcessRecord>
    return typeof record.id === 'string' ? { id: record.id, identity: record.identity } : undefined
  } catch {
    return undefined
  }
}
