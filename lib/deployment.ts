// Finds the deployment of a data folder or starts it, and keeps it running: for the command line and for the shell.
// coderd is started in a session of its own, on the Node it is given, and outlives whoever started it. What coderd
// does to come up, and to refuse a second one on its folder, is its own business (server/main).

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identifyProcess, isAlive } from './process-identity.ts'
import { findRunning, identityOf, type RunFile, readRunFile, verifyInstance } from './run-file.ts'
import { isStartupMessage, type StartupMessage, type StartupStep } from './startup-step.ts'

export interface DeploymentOptions {
  readonly dataDir: string
  /** What runs coderd in the foreground: the executable of Node, the program, its arguments. */
  readonly command: readonly [string, ...string[]]
  readonly env: NodeJS.ProcessEnv
  readonly onStep?: (step: StartupStep) => void
  /** Ends the wait; a coderd that is still starting because of this call is stopped. */
  readonly signal?: AbortSignal
}

export interface RunningDeployment {
  readonly run: RunFile
  /** False when it was running already or another start was first. */
  readonly isOurs: boolean
}

/** How a deployment ended: asked to (it removed its run.json), or otherwise. */
export type DeploymentEnd = 'stopped' | 'crashed'

/** coderd did not come up. `message` is the cause, `lastLines` the end of what it wrote in this start. */
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

// Long enough for initdb beside a virus scanner; each step has a shorter limit of its own inside coderd.
const startLimitMs = 180_000
// A stopped (SIGSTOP) or overloaded coderd may come back: shorter than a person's patience, longer than a hiccup.
const answerLimitMs = 30_000
// Reading one small file: cheap enough to add nothing one could see to a start.
const pollMs = 20
const stopLimitMs = 30_000
// How soon the death of a coderd that is not our child is seen.
const watchMs = 250
const maxLogBytes = 5 * 1024 * 1024
const shownLogLines = 10

export const logsDirOf = (dataDir: string): string => join(dataDir, 'logs')
const logFileOf = (dataDir: string) => join(logsDirOf(dataDir), 'coderd.log')

/** The coderd of this data folder, if it runs and has proven that it is the one that wrote run.json. */
export async function findDeployment(dataDir: string): Promise<RunFile | null> {
  const run = findRunning(dataDir)
  return run && (await verifyInstance(run)) ? run : null
}

/** Two that start at once get the same coderd: the second one refuses to run, and its starter attaches to the first.
 *  @throws StartupError; the signal's reason when it was aborted. */
export async function findOrStartDeployment(options: DeploymentOptions): Promise<RunningDeployment> {
  for (;;) {
    options.signal?.throwIfAborted()
    const running = findRunning(options.dataDir)
    if (running) return { run: await untilItAnswers(running, options), isOurs: false }
    const started = await start(options)
    if ('url' in started) return { run: started, isOurs: true }
    await untilItShows(started, options)
  }
}

/** A coderd that comes up or goes down: it holds the data folder, and answers nobody. */
interface HiddenDeployment {
  readonly pid: number
}

/** Resolves when the other coderd has written its run.json or is gone. */
async function untilItShows({ pid }: HiddenDeployment, { dataDir, signal }: DeploymentOptions): Promise<void> {
  const process = identifyProcess(pid)
  const deadline = Date.now() + startLimitMs
  while (process && isAlive(process) && !findRunning(dataDir)) {
    if (Date.now() > deadline)
      throw new StartupError(
        `Another coderd (process ${pid}) holds this data folder and does not answer.`,
        logFileOf(dataDir),
        {
          detail: `End process ${pid} and start again; workspaces go on meanwhile.`,
        },
      )
    await sleep(pollMs, signal)
  }
}

async function untilItAnswers(run: RunFile, { dataDir, signal }: DeploymentOptions): Promise<RunFile> {
  const deadline = Date.now() + answerLimitMs
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
      detail: `End process ${run.pid} and start again; workspaces go on meanwhile.`,
      lastLines: readLastLines(logFileOf(dataDir), 0),
    },
  )
}

async function start(options: DeploymentOptions): Promise<RunFile | HiddenDeployment> {
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
    const run = await untilRunning(child, options, outcome)
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
  /** Told only when the start as a whole has failed: a coderd that finds another one at work has not. */
  failedStep?: StartupStep
  /** Why there is no point in waiting any longer. */
  ended?: string
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
    outcome.ended = reason
  }
  child.on('error', (error) => end(`coderd could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    const reason = `coderd ended while it was starting (${signal ?? `exit status ${code}`}).`
    // Its last message may still be on the way.
    if (child.connected) child.once('disconnect', () => end(reason))
    else end(reason)
  })
  return outcome
}

async function untilRunning(
  child: ChildProcess,
  options: DeploymentOptions,
  outcome: StartOutcome,
): Promise<RunFile | HiddenDeployment> {
  const deadline = Date.now() + startLimitMs
  for (;;) {
    const run = findRunning(options.dataDir)
    if (run && run.pid === child.pid && (await verifyInstance(run))) return run
    options.signal?.throwIfAborted()
    if (outcome.ended && outcome.failure?.runningPid) return { pid: outcome.failure.runningPid }
    if (outcome.ended) throw new Error(outcome.ended)
    if (Date.now() > deadline) throw new Error(`coderd did not answer within ${startLimitMs / 1000} s.`)
    await sleep(pollMs)
  }
}

export interface SupervisorEvents {
  /** Up, for the first time or again. */
  running(deployment: RunningDeployment): void
  /** Ended without having been asked to; it is started again after `retryInMs`. */
  crashed(retryInMs: number): void
}

// The first restart is at once: whoever waits at a terminal should hardly see it. The last number repeats.
const restartDelaysMs = [0, 250, 1_000, 2_000, 5_000, 10_000]
// A coderd that ran this long had started well: the next crash counts as the first.
const stableAfterMs = 60_000
// Restarts that do not even come up before a person has to look.
const maxFailedStarts = 3

/**
 * Keeps the deployment running until it is stopped in good order or the signal is aborted.
 * @throws StartupError when it does not come up, at first or again.
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
    if (Date.now() - startedAt > stableAfterMs) crashes = 0
    const delayMs = restartDelaysMs[Math.min(crashes, restartDelaysMs.length - 1)] ?? 0
    crashes += 1
    events.crashed(delayMs)
    await sleep(delayMs, options.signal)
  }
}

/** Resolves when this coderd is gone. Rejects with the signal's reason. */
async function deploymentEnd(dataDir: string, run: RunFile, signal?: AbortSignal): Promise<DeploymentEnd> {
  while (isAlive(identityOf(run))) await sleep(watchMs, signal)
  return readRunFile(dataDir)?.pid === run.pid ? 'crashed' : 'stopped'
}

/** Waits until a coderd that has been asked to stop is gone. False when it is still there after a while. */
export async function untilStopped(run: RunFile): Promise<boolean> {
  const deadline = Date.now() + stopLimitMs
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

/** The last lines written after byte `from`, without reading more than they can need. */
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
