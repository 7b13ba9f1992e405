// The processes of one deployment, however deep and however orphaned: all inherit a mark in their environment. Ends
// nothing that does not carry it.

import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../../server/testing/scenes.ts'

/** Not named CODER_…: such settings do not reach what runs in a workspace. */
export const markVariable = 'E2E_DEPLOYMENT'

export interface Process {
  readonly pid: number
  /** The arguments, separated by spaces. */
  readonly command: string
}

/** Everything alive that carries the mark, and what such a process has started: PostgreSQL's processes write their
 *  titles over their environment. */
export function processesWith(mark: string): Process[] {
  const alive = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isAlive)
  const found = new Set(alive.filter((pid) => isMarked(pid, mark)))
  for (let known = -1; known < found.size; ) {
    known = found.size
    for (const pid of alive) if (found.has(parentOf(pid))) found.add(pid)
  }
  return [...found].map((pid) => ({ pid, command: readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }))
}

const isMarked = (pid: number, mark: string) =>
  readOr(`/proc/${pid}/environ`).split('\0').includes(`${markVariable}=${mark}`)

const parentOf = (pid: number) => Number(/\) . (\d+) /.exec(readOr(`/proc/${pid}/stat`))?.[1] ?? 0)

/** False also for a process that has ended and that nobody has asked about yet. */
export function isAlive(pid: number): boolean {
  const status = readOr(`/proc/${pid}/stat`)
  return status !== '' && !/\) [ZX] /.test(status)
}

/** Ends processes as a crash of the kernel would: none gets to say a word. Resolves when they are gone. */
export async function killAtOnce(pids: readonly number[]): Promise<void> {
  // Stopped first, so that none sees another die and does something about it.
  for (const pid of pids) signal(pid, 'SIGSTOP')
  for (const pid of pids) signal(pid, 'SIGKILL')
  await until(`the end of ${pids.join(', ')}`, () => !pids.some(isAlive))
}

export const kill9 = (pid: number): Promise<void> => killAtOnce([pid])

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Empty for what is gone, or not ours to read. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
