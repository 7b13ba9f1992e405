// Starts and stops the PostgreSQL server process. It runs in its own session and logs to a file, so it survives coderd.
// Supervision is in builtin-postgres.ts.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { explainFailure, StartError } from '../start-error.ts'
import { spawnIdentity } from './account.ts'
import type { Cluster } from './cluster.ts'
import { postgresEnvironment } from './environment.ts'
import { isClusterProcess, readPidFile } from './pid-file.ts'

export interface Endpoint {
  /** Empty: TCP on 127.0.0.1 (Windows). */
  readonly socketFolder: string
  readonly port: number
}

const isWindows = process.platform === 'win32'

// For a mostly idle desktop: few connections, little memory, few worker processes, rare disk writes. fsync stays on:
// committed changes must survive a power failure.
const desktopSettings: Record<string, string> = {
  max_connections: '60',
  shared_buffers: '32MB',
  // JIT compilation costs more than it saves on queries of a few milliseconds.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_worker_processes: '2',
  // No replication; backups use SQL.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  checkpoint_timeout: '15min',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  // Containers often have a small /dev/shm or none.
  dynamic_shared_memory_type: existsSync('/dev/shm') ? 'posix' : isWindows ? 'windows' : 'mmap',
}

// Saves three I/O worker processes; most reads are cached.
const settingsSince18: Record<string, string> = { io_method: 'sync' }

// A backend that survived its postmaster holds the old shared memory until it exits; a concurrent start finds the lock
// file.
const transientFailures =
  /pre-existing shared memory block|lock file ".*" already exists|shared memory segment .* still/

// Crash recovery takes seconds; the first virus scan of the binaries may take longer.
const startTimeoutMs = 120_000
const recoveryNoticeMs = 500
const pollMs = 5

/**
 * Starts PostgreSQL and waits until it accepts connections.
 * @returns `try-again` on a transient failure: leftovers of a crash, or a concurrent start.
 * @throws StartError with PostgreSQL's last log lines if it exited or timed out.
 */
export async function startPostmaster(
  cluster: Cluster,
  endpoint: Endpoint,
  options: { logPath: string; extraSettings?: Record<string, string>; onSlow: () => void; signal?: AbortSignal },
): Promise<'ready' | 'try-again'> {
  const log = openLog(options.logPath)
  const child = spawnPostmaster(cluster, endpoint, options, log.fd)
  closeSync(log.fd)
  const outcome = await waitUntilReady(cluster.folder, child, options)
  if (outcome === 'ready') return 'ready'
  const output = readFileSync(options.logPath).subarray(log.size).toString('utf8')
  if (outcome === 'exited' && transientFailures.test(output)) return 'try-again'
  throw explainFailure(describeFailure(outcome, cluster), output, cluster.folder)
}

function describeFailure(outcome: Exclude<StartOutcome, 'ready'>, { binaries }: Cluster): string {
  if (outcome instanceof Error) return `Could not run ${binaries.postgres}: ${outcome.message}`
  if (outcome === 'exited') return 'PostgreSQL exited during start-up'
  return `PostgreSQL was not ready after ${startTimeoutMs / 1000} seconds and is still starting`
}

function spawnPostmaster(
  cluster: Cluster,
  endpoint: Endpoint,
  options: { logPath: string; extraSettings?: Record<string, string> },
  logFd: number,
): ChildProcess {
  const settings = Object.entries({
    ...desktopSettings,
    ...(cluster.binaries.major >= 18 ? settingsSince18 : {}),
    ...endpointSettings(endpoint),
    ...options.extraSettings,
  })
  const args = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = isWindows
    ? spawn(cluster.binaries.pgCtl, pgCtlStart(cluster.folder, options.logPath, args), {
        windowsHide: true,
        stdio: 'ignore',
      })
    : spawn(cluster.binaries.postgres, ['-D', cluster.folder, ...args], {
        ...spawnIdentity(cluster.account),
        env: postgresEnvironment(),
        detached: true,
        stdio: ['ignore', logFd, logFd],
      })
  child.unref()
  return child
}

function endpointSettings({ socketFolder, port }: Endpoint): Record<string, string> {
  if (socketFolder === '') return { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '' }
  return {
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: `"${socketFolder}"`,
    unix_socket_permissions: '0700',
  }
}

/** On Windows pg_ctl starts the server because it drops administrator privileges. */
function pgCtlStart(folder: string, logPath: string, args: readonly string[]): string[] {
  const options = args.map((argument) => `"${argument}"`).join(' ')
  return ['start', '-W', '-D', folder, '-l', logPath, '-o', options]
}

type StartOutcome = 'ready' | 'exited' | 'timeout' | Error

async function waitUntilReady(
  folder: string,
  child: ChildProcess,
  { onSlow, signal }: { onSlow: () => void; signal?: AbortSignal },
): Promise<StartOutcome> {
  const startedAt = performance.now()
  const end = watchExit(child)
  let isSlowReported = false
  while (performance.now() - startedAt < startTimeoutMs) {
    if (signal?.aborted) await end.terminate()
    signal?.throwIfAborted()
    const found = readPidFile(folder)
    if (found?.isReady && (isWindows || found.pid === child.pid)) return 'ready'
    const ended = end.reason()
    if (ended) return ended
    if (!isSlowReported && performance.now() - startedAt > recoveryNoticeMs) {
      isSlowReported = true
      onSlow()
    }
    await sleep(pollMs)
  }
  return 'timeout'
}

/** @returns `reason`: why the child has exited, or null; `terminate`: stops it. */
function watchExit(child: ChildProcess) {
  let reason: 'exited' | Error | null = null
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      reason = error
      resolve()
    })
    child.once('exit', (status) => {
      // pg_ctl exits with 0 as soon as it has started the server.
      if (!(isWindows && status === 0)) reason = 'exited'
      resolve()
    })
  })
  const terminate = () => {
    child.kill('SIGINT')
    return ended
  }
  return { reason: (): 'exited' | Error | null => reason, terminate }
}

// Enough for several crashes; one previous log file is retained.
const maxLogBytes = 4 * 1024 * 1024

function openLog(path: string): { fd: number; size: number } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (existsSync(path) && statSync(path).size > maxLogBytes) renameSync(path, `${path}.1`)
  const fd = openSync(path, 'a', 0o600)
  return { fd, size: fstatSync(fd).size }
}

// Escalation: fast (roll back, checkpoint), immediate (recovery at the next start), kill.
const stopSteps: readonly { mode: string; signal: NodeJS.Signals; limitMs: number }[] = [
  { mode: 'fast', signal: 'SIGINT', limitMs: 15_000 },
  { mode: 'immediate', signal: 'SIGQUIT', limitMs: 5_000 },
  { mode: 'immediate', signal: 'SIGKILL', limitMs: 2_000 },
]

/** Stops the PostgreSQL of the cluster and waits until it has exited. Skips the fast mode if the cluster was deleted. */
export async function stopPostmaster(cluster: Cluster, pid: number): Promise<void> {
  const hasData = existsSync(join(cluster.folder, 'PG_VERSION'))
  for (const { mode, signal, limitMs } of hasData ? stopSteps : stopSteps.filter(({ mode }) => mode !== 'fast')) {
    if (!isClusterProcess(pid, cluster.folder)) return
    if (isWindows) await promisify(execFile)(cluster.binaries.pgCtl, ['stop', '-W', '-m', mode, '-D', cluster.folder])
    else process.kill(pid, signal)
    const deadline = performance.now() + limitMs
    while (performance.now() < deadline) {
      if (!isClusterProcess(pid, cluster.folder)) return
      await sleep(pollMs)
    }
  }
  throw new StartError(`Could not stop PostgreSQL (process ${pid}) on ${cluster.folder}. Terminate it manually.`)
}
