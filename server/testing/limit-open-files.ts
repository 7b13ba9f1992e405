// Changes the open-file limit of a running process, for tests of resource shortage. Linux only.

import { spawnSync } from 'node:child_process'

/** Files that are already open stay open, even above the limit. @throws Error of `prlimit` */
export function limitOpenFiles(pid: number, limit: number): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${limit}:`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`prlimit: ${stderr}`)
}

export const sufficientOpenFiles = 4096
