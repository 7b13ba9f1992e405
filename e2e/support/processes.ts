// Finds the processes of one deployment, orphans included, by a marker in the environment that they inherit, and kills
// processes by ID.

import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../../server/testing/workspace-fixtures.ts'

/** Has no CODER_ prefix because workspaces do not inherit such variables. */
export const markVariable = 'E2E_DEPLOYMENT'

export interface Process {
  readonly pid: number
  /** The arguments, separated by spaces. */
  readonly command: string
}

/** All running processes with the marker and their descendants. Descendants can lack it: PostgreSQL's processes overwrite
 *  their environment with their titles. */
export function processesWith(mark: string): Process[] {
  const alive = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isAlive)
  const found = new Set(alive.filter((pid) => isMarked(pid, mark)))
  for (let previousSize = -1; previousSize < found.size; ) {
    previousSize = found.size
    for (const pid of alive) if (found.has(parentOf(pid))) found.add(pid)
  }
  return [...found].map((pid) => ({ pid, command: readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
}

const isMarked = (pid: number, mark: string) =>
  readOr(`/proc/${pid}/environ`).split('\0').includes(`${markVariable}=${mark}`)

const parentOf = (pid: number) => Number(/\) . (\d+) /.exec(readOr(`/proc/${pid}/stat`))?.[1] ?? 0)

/** False also for a zombie process. */
export function isAlive(pid: number): boolean {
  const status = readOr(`/proc/${pid}/stat`)
  return status !== '' && !/\) [ZX] /.test(status)
}

/** Kills processes as abruptly as a kernel crash. Resolves when all have exited. */
export async function killAll(pids: readonly number[]): Promise<void> {
  // Suspends all first, so that none can react to the end of another.
  for (const pid of pids) signal(pid, 'SIGSTOP')
  for (const pid of pids) signal(pid, 'SIGKILL')
  await until(`the end of ${pids.join(', ')}`, () => !pids.some(isAlive))
}

export const killProcess = (pid: number): Promise<void> => killAll([pid])

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Empty when the file is gone or not readable. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
