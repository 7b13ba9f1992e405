// Starts and stops the PostgreSQL server process of a cluster. The process has a session of its own and writes to a log
// file, so it outlives us. Whether it should be started, and watching it, is builtin-postgres.ts.

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

// An idle desktop: few connections, little memory, few helper processes and rare disk writes. What a person did must
// survive a power cut, so fsync stays on.
const desktopSettings: Record<string, string> = {
  max_connections: '60',
  shared_buffers: '32MB',
  // Just-in-time compilation costs more than it gains on queries of milliseconds.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_worker_processes: '2',
  // Nobody replicates from a desktop; backups read through SQL.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  checkpoint_timeout: '15min',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  // Containers often have a tiny /dev/shm or none.
  dynamic_shared_memory_type: existsSync('/dev/shm') ? 'posix' : isWindows ? 'windows' : 'mmap',
}

// Three helper processes less: they would wait for reads that are all in the cache anyway.
const settingsSince18: Record<string, string> = { io_method: 'sync' }

// A server process that outlived its parent keeps the old shared memory until it notices, which takes it moments; a
// second starter meets the first one's lock file.
const transientFailures =
  /pre-existing shared memory block|lock file ".*" already exists|shared memory segment .* still/

// Crash recovery of a desktop's database takes seconds; a virus scanner's first look at the binaries may take longer.
const startTimeoutMs = 120_000
const recoveryNoticeMs = 500
const pollMs = 5

/**
 * Starts PostgreSQL and waits until it accepts connections.
 * @returns `try-again` when it was refused for a reason that passes: leftovers of a crash, or another one starting.
 * @throws StartError with PostgreSQL's last lines when it ended or took too long.
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
  if (outcome === 'ended' && transientFailures.test(output)) return 'try-again'
  throw explainFailure(describeFailure(outcome, cluster), output, cluster.folder)
}

function describeFailure(outcome: Exclude<StartOutcome, 'ready'>, { binaries }: Cluster): string {
  if (outcome instanceof Error) return `${binaries.postgres} cannot be run: ${outcome.message}`
  if (outcome === 'ended') return 'PostgreSQL ended while it was starting'
  return `PostgreSQL was not ready after ${startTimeoutMs / 1000} s and goes on trying`
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

/** On Windows pg_ctl starts the server, because it gives up an administrator's rights on the way. */
function pgCtlStart(folder: string, logPath: string, args: readonly string[]): string[] {
  const options = args.map((argument) => `"${argument}"`).join(' ')
  return ['start', '-W', '-D', folder, '-l', logPath, '-o', options]
}

type StartOutcome = 'ready' | 'ended' | 'slow' | Error

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
  return 'slow'
}

/** @returns why the child is gone, null while it runs, and how to make it go. */
function watchExit(child: ChildProcess) {
  let reason: 'ended' | Error | null = null
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      reason = error
      resolve()
    })
    child.once('exit', (status) => {
      // pg_ctl ends well as soon as it has started the server.
      if (!(isWindows && status === 0)) reason = 'ended'
      resolve()
    })
  })
  const terminate = () => {
    child.kill('SIGINT')
    return ended
  }
  return { reason: (): 'ended' | Error | null => reason, terminate }
}

// Enough for the lines around several crashes; the older half is kept beside it.
const maxLogBytes = 4 * 1024 * 1024

function openLog(path: string): { fd: number; size: number } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (existsSync(path) && statSync(path).size > maxLogBytes) renameSync(path, `${path}.1`)
  const fd = openSync(path, 'a', 0o600)
  return { fd, size: fstatSync(fd).size }
}

// Each politer way gets its time: fast (roll back, checkpoint), then immediate (recovery at the next start), then none.
const stopSteps: readonly { mode: string; signal: NodeJS.Signals; limitMs: number }[] = [
  { mode: 'fast', signal: 'SIGINT', limitMs: 15_000 },
  { mode: 'immediate', signal: 'SIGQUIT', limitMs: 5_000 },
  { mode: 'immediate', signal: 'SIGKILL', limitMs: 2_000 },
]

/** Stops the PostgreSQL that holds the cluster, and waits until it is gone. Where the cluster was deleted there is nothing
 *  left to be polite for. */
export async function stopPostmaster(cluster: Cluster, pid: number): Promise<void> {
  const isThere = existsSync(join(cluster.folder, 'PG_VERSION'))
  for (const { mode, signal, limitMs } of isThere ? stopSteps : stopSteps.filter(({ mode }) => mode !== 'fast')) {
    if (!isClusterProcess(pid, cluster.folder)) return
    if (isWindows) await promisify(execFile)(cluster.binaries.pgCtl, ['stop', '-W', '-m', mode, '-D', cluster.folder])
    else process.kill(pid, signal)
    const deadline = performance.now() + limitMs
    while (performance.now() < deadline) {
      if (!isClusterProcess(pid, cluster.folder)) return
      await sleep(pollMs)
    }
  }
  throw new StartError(`PostgreSQL (process ${pid}) on ${cluster.folder} could not be stopped. End it by hand.`)
}
