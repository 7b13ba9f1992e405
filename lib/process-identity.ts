// Identity of a process beyond its pid: pid, kernel start time and boot ID. Pids are reused, and start times are
// relative to the boot.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Opaque: clock ticks since boot on Linux, otherwise the start date printed by ps. */
  readonly startedAt: string
  readonly bootId: string
}

/** The identity of a live process; null when no such process exists or it is a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const startedAt = readStartTime(pid)
  return startedAt === null ? null : { pid, startedAt, bootId: readBootId() }
}

/** True only while that process is running. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === readBootId() && identity.startedAt === readStartTime(identity.pid)
}

let bootId: string | undefined
/** Changes with each boot; empty on systems without one. */
export function readBootId(): string {
  bootId ??=
    process.platform === 'linux' ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() : otherBootId()
  return bootId
}

function otherBootId(): string {
  if (process.platform === 'darwin')
    return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim()
  return ''
}

function readStartTime(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  return process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid)
}

function linuxStartTime(pid: number): string | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null // no such process
  }
  // The command name is in parentheses and may contain any character. After the last parenthesis, the state is field 3
  // and the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const isZombie = fields[0] === 'Z' || fields[0] === 'X'
  return isZombie ? null : (fields[19] ?? null)
}

function psStartTime(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return line === '' ? null : line
  } catch {
    return null // ps exits with 1 when there is no such process
  }
}
