// Memory and CPU time of processes, from /proc.

import { readFileSync } from 'node:fs'

/** Proportional set size in megabytes: shared pages count in proportion to the processes that share them. 0 for a
 *  process that has ended. */
export function pssOf(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes) / 1024
  } catch (error) {
    if (['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
}

// The kernel counts CPU time in hundredths of a second.
const msPerTick = 10

/** CPU time so far, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * msPerTick
}
