// Kills processes that a killed test run has left behind: agents and their shells outlive their parent by design, and no
// later run adopts them. Every process of a run inherits the identity of its run leader in an environment variable.

import { readdirSync, readFileSync } from 'node:fs'
import { identifyProcess, isAlive } from '../../lib/process-identity.ts'

// Without coderd's prefix: variables with the prefix are not passed to the workspaces of this computer.
export const testRunVariable = 'TEST_RUN_OF_CODER_LOCAL'

/** The value of `testRunVariable` for a run, derived from its leader. */
export function createRunId(pid: number): string {
  const leader = identifyProcess(pid)
  return leader ? JSON.stringify(leader) : ''
}

/** Kills the processes of runs whose leader has exited. @returns the number of killed processes. */
export function killOrphanProcesses(): number {
  // Only Linux exposes the environment of other processes.
  if (process.platform !== 'linux') return 0
  const orphans = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isOrphanedRun(readRunId(pid)))
  for (const pid of orphans) kill(pid)
  return orphans.length
}

function isOrphanedRun(runId: string | undefined): boolean {
  if (!runId) return false
  try {
    return !isAlive(JSON.parse(runId))
  } catch {
    return false // not written by createRunId
  }
}

/** Undefined if this user cannot read the environment of the process. */
function readRunId(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    return variables.find((entry) => entry.startsWith(`${testRunVariable}=`))?.slice(testRunVariable.length + 1)
  } catch {
    return undefined
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // has exited in the meantime
  }
}
