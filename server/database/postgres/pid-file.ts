// Reads `postmaster.pid`, PostgreSQL's record of the process that runs a cluster, and verifies the process: the file
// survives crashes and reboots, and PIDs are reused.

import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PidFile {
  readonly pid: number
  readonly port: number
  /** Empty if PostgreSQL has no Unix socket. */
  readonly socketFolder: string
  readonly isReady: boolean
}

/** Null if the file does not exist or is being written. */
export function readPidFile(folder: string): PidFile | null {
  const lines = readLines(folder)
  const pid = Number(lines?.[0])
  if (!lines || !Number.isInteger(pid) || pid <= 0) return null
  return { pid, port: Number(lines[3] ?? 0), socketFolder: lines[4] ?? '', isReady: lines[7]?.trim() === 'ready' }
}

function readLines(folder: string): string[] | null {
  try {
    return readFileSync(pidFilePath(folder), 'utf8').split('\n')
  } catch {
    return null // PostgreSQL never ran, or was shut down
  }
}

const pidFilePath = (folder: string) => join(folder, 'postmaster.pid')

/** Whether the process is the PostgreSQL of this cluster, and not a later process with the same PID. */
export function isClusterProcess(pid: number, folder: string): boolean {
  if (!processExists(pid)) return false
  if (process.platform === 'linux') return linuxArguments(pid).includes(folder) || workingFolder(pid) === folder
  // Windows offers no cheap check; callers then connect to the port.
  return process.platform === 'win32' || commandLine(pid).includes(folder)
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Empty for a zombie. The arguments of the postmaster contain `-D <folder>` and are readable by all users. */
function linuxArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // has exited
  }
}

/** Finds a server that was started manually with a different path of the folder. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return '' // has exited, is a zombie, or belongs to another user
  }
}

function commandLine(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return '' // has exited
  }
}

// Above the largest PID of every operating system.
const impossiblePid = 2 ** 31 - 1

/**
 * Replaces the PID by an impossible one, if it now belongs to another program. The file is not deleted because it also
 * names the shared memory segment by which PostgreSQL detects backends that survived their postmaster.
 */
export function invalidatePidFile(folder: string): void {
  const [, ...rest] = readLines(folder) ?? []
  writeFileSync(pidFilePath(folder), [impossiblePid, ...rest].join('\n'))
}
