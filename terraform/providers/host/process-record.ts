// Notes of the processes that were started for a workspace, one small file each, written in the very moment a process
// runs. The state is stored later; when the server is killed before that, the note is what tells of a process that no
// state knows, and the workspace's next build ends it.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostContext } from './context.ts'
import { workspaceDir } from './workspace-dir.ts'

export interface ProcessRecord {
  /** The id of the resource. */
  readonly id: string
  readonly pid: number
  readonly startedAt: string
  readonly bootId: string
}

const recordsDir = (context: HostContext) => join(workspaceDir(context), 'processes')
const recordPath = (context: HostContext, id: string) => join(recordsDir(context), `${encodeURIComponent(id)}.json`)

export function writeRecord(context: HostContext, record: ProcessRecord): void {
  mkdirSync(recordsDir(context), { recursive: true, mode: 0o700 })
  writeFileSync(recordPath(context, record.id), JSON.stringify(record), { mode: 0o600 })
}

export function removeRecord(context: HostContext, id: string): void {
  rmSync(recordPath(context, id), { force: true })
}

export function readRecords(context: HostContext): ProcessRecord[] {
  return listRecords(context).flatMap((name) => {
    return parseRecord(readFileSync(join(recordsDir(context), name), 'utf8')) ?? []
  })
}

function listRecords(context: HostContext): string[] {
  try {
    return readdirSync(recordsDir(context))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Undefined for a record that was cut off by a full disk or a crash: it proves nothing. */
function parseRecord(content: string): ProcessRecord | undefined {
  try {
    const { id, pid, startedAt, bootId } = JSON.parse(content) as Partial<ProcessRecord>
    return id !== undefined && pid !== undefined && startedAt !== undefined && bootId !== undefined
      ? { id, pid, startedAt, bootId }
      : undefined
  } catch {
    return undefined
  }
}
