// Reads PostgreSQL's own record of the process that holds a cluster, `postmaster.pid`, and says whether that process is
// still the one. The file survives crashes and reboots, and pids are reused.

import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PidFile {
  readonly pid: number
  readonly port: number
  /** Empty where PostgreSQL has no socket. */
  readonly socketFolder: string
  readonly isReady: boolean
}

/** Null when there is none or PostgreSQL is just writing it. */
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
    return null // no PostgreSQL has run here, or it stopped in good order
  }
}

const pidFilePath = (folder: string) => join(folder, 'postmaster.pid')

/** Whether the process is a PostgreSQL that works on this cluster, and not a later process with the same number. */
export function isClusterProcess(pid: number, folder: string): boolean {
  if (!processExists(pid)) return false
  if (process.platform === 'linux') return linuxArguments(pid).includes(folder) || workingFolder(pid) === folder
  // Windows tells nothing cheaply; there whoever asks goes on to probe the port, which proves it.
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

/** Empty for a zombie. The server process keeps the `-D <folder>` it was started with, and everybody may read it. */
function linuxArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // gone meanwhile
  }
}

/** Finds a server that was started by hand with another spelling of the folder. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return '' // gone, a zombie, or another user's
  }
}

function commandLine(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return '' // gone meanwhile
  }
}

// Above the largest pid any system gives out.
const impossiblePid = 2 ** 31 - 1

/**
 * Frees a cluster whose recorded pid now belongs to another program. The file stays, with a pid that nobody has:
 * PostgreSQL also finds in it the shared memory by which it notices server processes that outlived their parent.
 */
export function invalidatePidFile(folder: string): void {
  const [, ...rest] = readLines(folder) ?? []
  writeFileSync(pidFilePath(folder), [impossiblePid, ...rest].join('\n'))
}
