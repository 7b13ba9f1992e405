// Finds, starts and supervises the deployment of a data folder, for the command line and the desktop shell. coderd runs
// in a separate session and outlives the process that started it. The start-up of coderd and the lock of its data
// folder are in server/main.ts.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identifyProcess, isAlive } from './process-identity.ts'
import { findRunning, identityOf, type RunFile, readRunFile, verifyInstance } from './run-file.ts'
import { isStartupMessage, type StartupMessage, type StartupStep } from './startup-step.ts'

export interface DeploymentOptions {
  readonly dataDir: string
  /** Command that runs coderd in the foreground: Node.js executable, program, arguments. */
  readonly command: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
  readonly onStep?: (step: StartupStep) => void
  /** Cancels the start; a coderd started by this call is stopped. */
  readonly signal?: AbortSignal
}

export interface RunningDeployment {
  readonly run: RunFile
  /** False when it was already running or another process started it. */
  readonly isOurs: boolean
}

/** Whether a deployment was stopped on request (it removed its run.json). */
export type DeploymentEnd = 'stopped' | 'crashed'

/** coderd failed to start. `message` is the cause, `lastLines` the end of its output during this start. */
export class StartupError extends Error {
  readonly detail: string
  readonly lastLines: readonly string[]
  readonly logFile: string

  constructor(
    message: string,
    logFile: string,
    more: { detail?: string | undefined; lastLines?: readonly string[] } = {},
  ) {
    super(message)
    this.name = 'StartupError'
    this.detail = more.detail ?? ''
    this.lastLines = more.lastLines ?? []
    this.logFile = logFile
  }
}

// Long enough for initdb with a virus scanner; each step has a shorter timeout inside coderd.
const startTimeoutMs = 180_000
// A suspended (SIGSTOP) or overloaded coderd may recover.
const responseTimeoutMs = 30_000
// Reads one small file per interval.
const pollMs = 20
const stopTimeoutMs = 30_000
// Polling interval for the exit of a coderd that is not a child process.
const exitPollMs = 250
const maxLogBytes = 5 * 1024 * 1024
const shownLogLines = 10

export const logsDirOf = (dataDir: string): string => join(dataDir, 'logs')
const logFileOf = (dataDir: string) => join(logsDirOf(dataDir), 'coderd.log')

/** The running coderd of this data folder, after it has proved that it wrote run.json. */
export async function findDeployment(dataDir: string): Promise<RunFile | null> {
  const run = findRunning(dataDir)
  return run && (await verifyInstance(run)) ? run : null
}

/** Concurrent calls share one coderd: the second coderd exits, and its caller attaches to the first.
 *  @throws StartupError, or the signal's reason after an abort. */
export async function findOrStartDeployment(options: DeploymentOptions): Promise<RunningDeployment> {
  for (;;) {
    options.signal?.throwIfAborted()
    const running = findRunning(options.dataDir)
    if (running) return { run: await waitUntilResponsive(running, options), isOurs: false }
    const started = await start(options)
    if ('url' in started) return { run: started, isOurs: true }
    await waitForOtherStart(started, options)
  }
}

/** A coderd that is starting or stopping: it has locked the data folder and does not answer. */
interface UnresponsiveDeployment {
  readonly pid: number
}

/** Resolves when the other coderd has written its run.json or exited. */
async function waitForOtherStart(
  { pid }: UnresponsiveDeployment,
  { dataDir, signal }: DeploymentOptions,
): Promise<void> {
  const process = identifyProcess(pid)
  const deadline = Date.now() + startTimeoutMs
  while (process && isAlive(process) && !findRunning(dataDir)) {
    if (Date.now() > deadline)
      throw new StartupError(
        `Another coderd (process ${pid}) uses this data folder and does not answer.`,
        logFileOf(dataDir),
        {
          detail: `End process ${pid} and start again; workspaces keep running meanwhile.`,
        },
      )
    await sleep(pollMs, signal)
  }
}

async function waitUntilResponsive(run: RunFile, { dataDir, signal }: DeploymentOptions): Promise<RunFile> {
  const deadline = Date.now() + responseTimeoutMs
  for (;;) {
    if (await verifyInstance(run)) return run
    signal?.throwIfAborted()
    const now = findRunning(dataDir)
    if (now?.pid !== run.pid || Date.now() > deadline) break
    await sleep(pollMs)
  }
  throw new StartupError(
    `coderd runs on this data folder (process ${run.pid}) but does not answer at ${run.url}.`,
    logFileOf(dataDir),
    {
      detail: `End process ${run.pid} and start again; workspaces keep running meanwhile.`,
      lastLines: readLastLines(logFileOf(dataDir), 0),
    },
  )
}

async function start(options: DeploymentOptions): Promise<RunFile | UnresponsiveDeployment> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const log = openLog(options.dataDir)
  const [program, ...args] = options.command
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    env: options.env,
    cwd: options.dataDir,
    windowsHide: true,
  })
  closeSync(log.fd)
  const outcome = watchStart(child, options.onStep)
  try {
    const run = await waitUntilRunning(child, options, outcome)
    if (child.connected) child.disconnect()
    child.unref()
    return run
  } catch (error) {
    child.kill('SIGTERM')
    if (options.signal?.aborted) throw error
    if (outcome.failedStep) options.onStep?.(outcome.failedStep)
    throw new StartupError(outcome.failure?.message ?? (error as Error).message, log.path, {
      detail: outcome.failure?.detail,
      lastLines: readLastLines(log.path, log.startsAt),
    })
  }
}

interface StartOutcome {
  failure?: Extract<StartupMessage, { type: 'failed' }>
  /** Reported only when the whole start has failed, not when another coderd was found. */
  failedStep?: StartupStep
  /** Set when the process has exited or could not be started. */
  exitReason?: string
}

function watchStart(child: ChildProcess, onStep: DeploymentOptions['onStep']): StartOutcome {
  const outcome: StartOutcome = {}
  child.on('message', (message) => {
    if (!isStartupMessage(message)) return
    if (message.type === 'failed') outcome.failure = message
    else if (message.step.state === 'failed') outcome.failedStep = message.step
    else onStep?.(message.step)
  })
  const end = (reason: string) => {
    outcome.exitReason = reason
  }
  child.on('error', (error) => end(`Could not start coderd: ${error.message}`))
  child.on('exit', (code, signal) => {
    const reason = `coderd exited during start-up (${signal ?? `exit status ${code}`}).`
    // Its last message may still arrive.
    if (child.connected) child.once('disconnect', () => end(reason))
    else end(reason)
  })
  return outcome
}

async function waitUntilRunning(
  child: ChildProcess,
  options: DeploymentOptions,
  outcome: StartOutcome,
): Promise<RunFile | UnresponsiveDeployment> {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const run = findRunning(options.dataDir)
    if (run && run.pid === child.pid && (await verifyInstance(run))) return run
    options.signal?.throwIfAborted()
    if (outcome.exitReason && outcome.failure?.runningPid) return { pid: outcome.failure.runningPid }
    if (outcome.exitReason) throw new Error(outcome.exitReason)
    if (Date.now() > deadline) throw new Error(`coderd did not answer within ${startTimeoutMs / 1000} s.`)
    await sleep(pollMs)
  }
}

export interface SupervisorEvents {
  /** Started or restarted. */
  running(deployment: RunningDeployment): void
  /** Exited unexpectedly; restarted after `retryInMs`. */
  crashed(retryInMs: number): void
}

// Restart delays; the first is immediate, the last one repeats.
const restartDelaysMs = [0, 250, 1_000, 2_000, 5_000, 10_000]
// After this uptime the next crash counts as the first one.
const stableUptimeMs = 60_000
// Failed restarts before giving up.
const maxFailedStarts = 3

/**
 * Keeps the deployment running until it is stopped on request or the signal is aborted.
 * @throws StartupError when it fails to start or restart.
 */
export async function superviseDeployment(options: DeploymentOptions, events: SupervisorEvents): Promise<void> {
  let crashes = 0
  let failedStarts = 0
  for (;;) {
    const startedAt = Date.now()
    try {
      const deployment = await findOrStartDeployment(options)
      failedStarts = 0
      events.running(deployment)
      if ((await deploymentEnd(options.dataDir, deployment.run, options.signal)) === 'stopped') return
    } catch (error) {
      failedStarts += 1
      if (!(error instanceof StartupError) || crashes === 0 || failedStarts >= maxFailedStarts) throw error
    }
    if (Date.now() - startedAt > stableUptimeMs) crashes = 0
    const delayMs = restartDelaysMs[Math.min(crashes, restartDelaysMs.length - 1)] ?? 0
    crashes += 1
    events.crashed(delayMs)
    await sleep(delayMs, options.signal)
  }
}

/** Resolves when this coderd has exited. Rejects with the signal's reason. */
async function deploymentEnd(dataDir: string, run: RunFile, signal?: AbortSignal): Promise<DeploymentEnd> {
  while (isAlive(identityOf(run))) await sleep(exitPollMs, signal)
  return readRunFile(dataDir)?.pid === run.pid ? 'crashed' : 'stopped'
}

/** Waits for a stopping coderd to exit. False when it is still running after a timeout. */
export async function waitUntilStopped(run: RunFile): Promise<boolean> {
  const deadline = Date.now() + stopTimeoutMs
  while (isAlive(identityOf(run))) {
    if (Date.now() > deadline) return false
    await sleep(pollMs)
  }
  return true
}

function openLog(dataDir: string): { fd: number; path: string; startsAt: number } {
  mkdirSync(logsDirOf(dataDir), { recursive: true, mode: 0o700 })
  const path = logFileOf(dataDir)
  if (existsSync(path) && statSync(path).size > maxLogBytes) renameSync(path, `${path}.1`)
  const fd = openSync(path, 'a', 0o600)
  return { fd, path, startsAt: statSync(path).size }
}

/** The last lines written after byte `from`; reads only the end of the file. */
function readLastLines(path: string, from: number): string[] {
  if (!existsSync(path)) return []
  const { size } = statSync(path)
  const bytes = Buffer.alloc(Math.min(Math.max(size - from, 0), 16 * 1024))
  const fd = openSync(path, 'r')
  readSync(fd, bytes, 0, bytes.length, size - bytes.length)
  closeSync(fd)
  const lines = bytes.toString('utf8').trimEnd().split('\n')
  return lines.filter((line) => line.trim() !== '').slice(-shownLogLines)
}

/** Rejects with the signal's own reason, which `timers/promises` wraps into an AbortError. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal && { signal }).catch((error: unknown) => {
    throw signal?.aborted ? signal.reason : error
  })
}
