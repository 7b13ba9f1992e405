// Runs the scripts of the manifest by the person's shell, all of a stage at once: their output goes to coderd line by
// line and to a file, their end is judged and reported.

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { ManifestScript } from '../../api/agents/agent-protocol.ts'
import type { Manifest } from '../manifest.ts'
import { expandFolder, prepareShell } from '../shell.ts'
import type { LogStream } from './logs.ts'
import type { Reports } from './reports.ts'

export interface ScriptOutcome {
  readonly exitCode: number
  readonly status: 'ok' | 'exit_failure' | 'timed_out' | 'pipes_left_open'
}

export interface ScriptRun {
  readonly scripts: readonly ManifestScript[]
  readonly stage: 'start' | 'stop' | 'cron'
  readonly manifest: Manifest
  readonly logs: LogStream
  readonly reports: Pick<Reports, 'script'>
  /** How long the output of a script that has ended may stay open. */
  readonly pipesGraceMs?: number
}

// A script that ends while something it started holds its output open is waited for this long.
const usualPipesGraceMs = 10_000
// Between asking a script to end and killing it.
const killGraceMs = 5_000
// A line longer than this is cut into several: no reader shows such a line anyway.
const maxLineLength = 16 * 1024

const timedOutCode = 124
const notStartedCode = 127

const running = new Set<ChildProcess>()

/** Resolves when each script has ended and its end is on the way to coderd. */
export function runScripts(run: ScriptRun): Promise<ScriptOutcome[]> {
  return Promise.all(run.scripts.map((script) => runScript(script, run)))
}

/** Asks what runs to end, and kills it a little later. */
export function killScripts(): void {
  for (const child of running) terminate(child)
}

async function runScript(
  script: ManifestScript,
  { stage, manifest, logs, reports, pipesGraceMs = usualPipesGraceMs }: ScriptRun,
): Promise<ScriptOutcome> {
  const startedAt = new Date().toISOString()
  const file = openLogFile(script)
  const say = (line: string, level: 'info' | 'error' = 'info') => {
    logs.write(script.log_source_id, level, line)
    file.write(`${line}\n`)
  }
  const outcome = await execute(script, manifest, pipesGraceMs, say)
  if (outcome.status !== 'ok') say(explain(outcome, script, pipesGraceMs), 'error')
  await new Promise((resolve) => file.end(resolve))
  void reports.script({
    script_id: script.id,
    started_at: startedAt,
    ended_at: new Date().toISOString(),
    exit_code: outcome.exitCode,
    stage,
    status: outcome.status,
  })
  return outcome
}

function execute(
  script: ManifestScript,
  manifest: Manifest,
  pipesGraceMs: number,
  say: (line: string) => void,
): Promise<ScriptOutcome> {
  const { file, args, cwd, env, notices } = prepareShell(manifest, process.env, { command: script.script })
  for (const notice of notices) say(notice)
  const child = spawn(file, args, {
    cwd,
    env: { ...env, ...scriptFolders(script) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  const isDrained = Promise.all([child.stdout, child.stderr].map((output) => readLines(output, say)))
  return new Promise((resolve) => {
    let isTimedOut = false
    const limitMs = script.timeout_seconds * 1000
    const giveUp = () => {
      isTimedOut = true
      terminate(child)
    }
    const limit = limitMs > 0 ? setTimeout(giveUp, limitMs) : undefined
    const end = (outcome: ScriptOutcome) => {
      clearTimeout(limit)
      running.delete(child)
      resolve(outcome)
    }
    child.on('error', (error) => {
      say(`The script could not be started: ${error.message}`)
      end({ exitCode: notStartedCode, status: 'exit_failure' })
    })
    child.on('exit', async (code, signal) => {
      clearTimeout(limit)
      const isComplete = await Promise.race([isDrained.then(() => true), graceFor(pipesGraceMs)])
      child.stdout.destroy()
      child.stderr.destroy()
      if (isTimedOut) return end({ exitCode: timedOutCode, status: 'timed_out' })
      const exitCode = code ?? signalCode(signal)
      if (exitCode !== 0) return end({ exitCode, status: 'exit_failure' })
      end({ exitCode, status: isComplete ? 'ok' : 'pipes_left_open' })
    })
  })
}

const graceFor = (ms: number) => new Promise<false>((resolve) => setTimeout(() => resolve(false), ms).unref())

/** As shells say it: 128 and the signal's number, of those that end scripts. */
const signalCode = (signal: NodeJS.Signals | null) =>
  128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal as string] ?? 0)

function terminate(child: ChildProcess): void {
  signalTree(child, 'SIGINT')
  setTimeout(() => {
    if (running.has(child)) signalTree(child, 'SIGKILL')
  }, killGraceMs).unref()
}

/** Each script leads a process group of its own. */
function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal)
  } catch {
    // the group has ended by itself
  }
}

/** Resolves when the output has ended. */
function readLines(output: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, ''))
    while (rest.length > maxLineLength) {
      onLine(rest.slice(0, maxLineLength))
      rest = rest.slice(maxLineLength)
    }
  }
  output.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
  return new Promise((resolve) => {
    output.on('close', () => {
      take(decoder.end())
      if (rest) onLine(rest)
      resolve()
    })
  })
}

/** Folders of the script's own: for what it keeps, and for programs that it offers. */
function scriptFolders({ id }: ManifestScript): Record<string, string> {
  const base = join(tmpdir(), 'coder-script-data')
  const folders = { CODER_SCRIPT_DATA_DIR: join(base, id), CODER_SCRIPT_BIN_DIR: join(base, 'bin') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folders
}

function openLogFile({ id, log_path }: ManifestScript): WriteStream {
  const path =
    log_path === ''
      ? join(tmpdir(), `coder-script-${id}.log`)
      : isAbsolute(log_path)
        ? log_path
        : expandFolder(log_path)
  mkdirSync(dirname(path), { recursive: true })
  const file = createWriteStream(path, { flags: 'a' })
  // The file is the copy; the lines go to coderd all the same.
  file.on('error', (error) => console.error(`The log file of a script: ${error.message}`))
  return file
}

function explain(
  { status, exitCode }: ScriptOutcome,
  { timeout_seconds }: ManifestScript,
  pipesGraceMs: number,
): string {
  if (status === 'timed_out') return `The script was ended: it took longer than its limit of ${timeout_seconds} s.`
  if (status === 'pipes_left_open') {
    return `The script ended, but something it started still writes to its output after ${pipesGraceMs / 1000} s. Redirect what goes on in the background to a file.`
  }
  return `The script ended with exit code ${exitCode}.`
}
