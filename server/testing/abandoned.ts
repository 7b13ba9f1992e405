// What a test run that was killed has left running: agents and their shells live on by design, and here nobody will
// ever come back for them. Every process of a run carries the run's mark in its environment.

import { readdirSync, readFileSync } from 'node:fs'
import { identifyProcess, isAlive } from '../../lib/process-identity.ts'

// Not one of coderd's own, which workspaces of this computer are not given.
export const testRunVariable = 'TEST_RUN_OF_CODER_LOCAL'

/** The mark of a run, by the process that leads it. */
export function markOf(pid: number): string {
  const leader = identifyProcess(pid)
  return leader ? JSON.stringify(leader) : ''
}

/** Ends what belongs to runs that are over. @returns how many processes that were. */
export function sweepAbandonedProcesses(): number {
  // Elsewhere no process shows its environment.
  if (process.platform !== 'linux') return 0
  const abandoned = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAbandoned(readMark(pid)))
  for (const pid of abandoned) end(pid)
  return abandoned.length
}

function isAbandoned(mark: string | undefined): boolean {
  if (!mark) return false
  try {
    return !isAlive(JSON.parse(mark))
  } catch {
    return false // not a mark of ours
  }
}

/** Only of processes that this user may look at. */
function readMark(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return variables.find((entry) => entry.startsWith(`${testRunVariable}=`))?.slice(testRunVariable.length + 1)
  } catch {
    return undefined
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended together with another
  }
}
