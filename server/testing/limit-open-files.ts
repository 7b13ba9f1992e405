// The limit of open files of a process that runs, for tests of what happens at it. Linux only.

import { spawnSync } from 'node:child_process'

/** Files that are open stay so, however low the limit. @throws Error of `prlimit` */
export function limitOpenFiles(pid: number, limit: number): void {
  const { status, stderr } = spawnSync('prlimit', [`--pid=${pid}`, `--nofile=${limit}:`], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`prlimit: ${stderr}`)
}

export const enoughFiles = 4096
