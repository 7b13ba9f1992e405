// Runs the scripts of the manifest in the user's shell, all scripts of a stage in parallel. Sends their output to
// coderd line by line, writes it to a file, and reports the result.

import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { ManifestScript } from '../../api/agents/agent-protocol.ts'
import type { Manifest } from '../manifest.ts'
import { expandFolder, prepareShell } from '../shell.ts'
import type { LogStream } from './logs.ts'
import type { Reports } from './reports.ts'
import { binFolder } from './script-folder.ts'

export interface ScriptOutcome {
  readonly exitCode: number
  readonly status: 'ok' | 'exit_failure' | 'timed_out' | 'pipes_left_open'
}

export interface ScriptRun {
  readonly scripts: readonly ManifestScript[]
  readonly stage: 'start' | 'stop' | 'cron'
  readonly manifest: Manifest
  /** Folder of script data and logs. */
  readonly folder: string
  readonly logs: LogStream
  readonly reports: Pick<Reports, 'script'>
  /** How long the output may stay open after the script exits. */
  readonly pipesGraceMs?: number
}

// How long background processes may hold the output open after the script has exited.
const defaultPipesGraceMs = 10_000
// Grace period between SIGINT and SIGKILL.
const killGraceMs = 5_000
// Longer lines are split.
const maxLineLength = 16 * 1024

const timedOutCode = 124
const notStartedCode = 127

const running = new Set<ChildProcess>()

/** Resolves when all scripts have exited and their results are queued. */
export function runScripts(run: ScriptRun): Promise<ScriptOutcome[]> {
  return Promise.all(run.scripts.map((script) => runScript(script, run)))
}

/** Interrupts running scripts; kills them after the grace period. */
export function killScripts(): void {
  for (const child of running) terminate(child)
}

async function runScript(
  script: ManifestScript,
  { stage, manifest, folder, logs, reports, pipesGraceMs = defaultPipesGraceMs }: ScriptRun,
): Promise<ScriptOutcome> {
  const startedAt = new Date().toISOString()
  const file = openLogFile(script, folder)
  const writeLine = (line: string, level: 'info' | 'error' = 'info') => {
    logs.write(script.log_source_id, level, line)
    file.write(`${line}\n`)
  }
  const outcome = await execute(script, { manifest, folder }, pipesGraceMs, writeLine)
  if (outcome.status !== 'ok') writeLine(explain(outcome, script, pipesGraceMs), 'error')
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
  { manifest, folder }: Pick<ScriptRun, 'manifest' | 'folder'>,
  pipesGraceMs: number,
  writeLine: (line: string) => void,
): Promise<ScriptOutcome> {
  const { file, args, cwd, env, notices } = prepareShell(manifest, process.env, { command: script.script })
  for (const notice of notices) writeLine(notice)
  const child = spawn(file, args, {
    cwd,
    env: { ...env, ...scriptFolders(script, folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  const drained = Promise.all([child.stdout, child.stderr].map((output) => readLines(output, writeLine)))
  return new Promise((resolve) => {
    let isTimedOut = false
    const timeoutMs = script.timeout_seconds * 1000
    const onTimeout = () => {
      isTimedOut = true
      terminate(child)
    }
    const timer = timeoutMs > 0 ? setTimeout(onTimeout, timeoutMs) : undefined
    const end = (outcome: ScriptOutcome) => {
      clearTimeout(timer)
      running.delete(child)
      resolve(outcome)
    }
    child.on('error', (error) => {
      writeLine(`Could not start the script: ${error.message}`)
      end({ exitCode: notStartedCode, status: 'exit_failure' })
    })
    child.on('exit', async (code, signal) => {
      clearTimeout(timer)
      const isComplete = await Promise.race([drained.then(() => true), falseAfter(pipesGraceMs)])
      child.stdout.destroy()
      child.stderr.destroy()
      if (isTimedOut) return end({ exitCode: timedOutCode, status: 'timed_out' })
      const exitCode = code ?? signalCode(signal)
      if (exitCode !== 0) return end({ exitCode, status: 'exit_failure' })
      end({ exitCode, status: isComplete ? 'ok' : 'pipes_left_open' })
    })
  })
}

const falseAfter = (ms: number) => new Promise<false>((resolve) => setTimeout(() => resolve(false), ms).unref())

/** Exit code of a terminated script: 128 plus the signal number, as in shells. */
const signalCode = (signal: NodeJS.Signals | null) =>
  128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal as string] ?? 0)

function terminate(child: ChildProcess): void {
  signalTree(child, 'SIGINT')
  setTimeout(() => {
    if (running.has(child)) signalTree(child, 'SIGKILL')
  }, killGraceMs).unref()
}

/** Each script is the leader of its process group. */
function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal)
  } catch {
    // the group has already exited
  }
}

/** Resolves at the end of the output. */
function readLines(output: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8')
  let partial = ''
  const append = (text: string) => {
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, ''))
    while (partial.length > maxLineLength) {
      onLine(partial.slice(0, maxLineLength))
      partial = partial.slice(maxLineLength)
    }
  }
  output.on('data', (bytes: Buffer) => append(decoder.write(bytes)))
  return new Promise((resolve) => {
    output.on('close', () => {
      append(decoder.end())
      if (partial) onLine(partial)
      resolve()
    })
  })
}

/** Creates the data and bin folders of the script. @returns their variables */
function scriptFolders({ id }: ManifestScript, base: string): Record<string, string> {
  const folders = { CODER_SCRIPT_DATA_DIR: join(base, id), CODER_SCRIPT_BIN_DIR: join(base, binFolder) }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folders
}

function openLogFile({ id, log_path }: ManifestScript, folder: string): WriteStream {
  const path = log_path === '' ? join(folder, `${id}.log`) : isAbsolute(log_path) ? log_path : expandFolder(log_path)
  mkdirSync(dirname(path), { recursive: true })
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 })
  // The log file is a copy; lines are sent to coderd regardless.
  file.on('error', (error) => console.error(`Could not write the log file of a script: ${error.message}`))
  return file
}

function explain(
  { status, exitCode }: ScriptOutcome,
  { timeout_seconds }: ManifestScript,
  pipesGraceMs: number,
): string {
  if (status === 'timed_out') return `The script was terminated after its timeout of ${timeout_seconds} s.`
  if (status === 'pipes_left_open') {
    return `The script exited, but a process it started still has its output open after ${pipesGraceMs / 1000} s. Redirect the output of background processes to a file.`
  }
  return `The script exited with code ${exitCode}.`
}
