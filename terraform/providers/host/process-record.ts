// What was started, written down beside the log in the very moment it runs: should coderd be killed before the state
// is stored, the workspace's next build finds the process here and ends it. Forgotten again when the process is ended.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../lib/process-identity.ts'
import type { HostContext } from './context.ts'
import { endTree } from './process-tree.ts'
import { workspaceDir } from './workspace-dir.ts'

const recordsDir = (context: HostContext) => join(workspaceDir(context), 'processes')
const recordPath = (context: HostContext, pid: number) => join(recordsDir(context), `${pid}.json`)

export function recordProcess(context: HostContext, pid: number): void {
  const identity = identifyProcess(pid)
  if (!identity) return
  mkdirSync(recordsDir(context), { recursive: true, mode: 0o700 })
  writeFileSync(recordPath(context, pid), JSON.stringify(identity), { mode: 0o600 })
}

export function forgetProcess(context: HostContext, pid: number): void {
  rmSync(recordPath(context, pid), { force: true })
}

/** Ends what was started for the workspace and is not in its state.
 *  @param known pids that the state names. @returns those that were ended. */
export async function endForgotten(
  context: HostContext,
  known: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const ended: number[] = []
  for (const identity of readRecords(context)) {
    if (known.has(identity.pid)) continue
    if (isAlive(identity)) {
      await endTree(identity.pid, identity.startedAt, signal)
      ended.push(identity.pid)
    }
    forgetProcess(context, identity.pid)
  }
  return ended
}

function readRecords(context: HostContext): ProcessIdentity[] {
  const dir = recordsDir(context)
  return listNames(dir).flatMap((name) => parseRecord(readFileSync(join(dir, name), 'utf8')) ?? [])
}

function listNames(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return [] // nothing was ever started
  }
}

/** Undefined for a record that was cut off by a full disk or a crash: it proves nothing. */
function parseRecord(text: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt, bootId } = JSON.parse(text) as Partial<ProcessIdentity>
    return typeof pid === 'number' && typeof startedAt === 'string' && typeof bootId === 'string'
      ? { pid, startedAt, bootId }
      : undefined
  } catch {
    return undefined
  }
}
