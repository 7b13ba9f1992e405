// Runs many jobs of one kind with limited concurrency and timeouts, and reports their results.

import { writeFileSync } from 'node:fs'
import { CommandError, describeError } from '../output/errors.ts'
import { formatDuration } from '../output/formats.ts'
import { print, printJson } from '../output/print.ts'

export interface Job {
  /** Unique among the jobs. */
  readonly id: string
  /** @returns metrics by name. @throws Error when the job fails */
  run(signal: AbortSignal, log: (line: string) => void): Promise<Readonly<Record<string, number>>>
}

export interface Strategy {
  /** Number of concurrent jobs; 0 for all. */
  readonly concurrency: number
  /** Limits of the whole run and of each job; 0 for none. */
  readonly timeoutMs: number
  readonly jobTimeoutMs: number
}

interface Run {
  readonly full_id: string
  readonly test_name: string
  readonly id: string
  readonly logs: string
  /** Null for a successful job. */
  readonly error: string | null
  readonly started_at: string
  readonly duration_ms: number
  readonly metrics: Readonly<Record<string, number>>
}

export interface Results {
  readonly total_runs: number
  readonly total_pass: number
  readonly total_fail: number
  readonly elapsed_ms: number
  readonly runs: Readonly<Record<string, Run>>
}

/** @param testName name of the jobs in the results, such as `workspacebuild` */
export async function runJobs(testName: string, jobs: readonly Job[], strategy: Strategy): Promise<Results> {
  const startedAt = performance.now()
  const whole = timeoutSignal(strategy.timeoutMs)
  const waiting = [...jobs]
  const runs: Run[] = []
  const work = async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) runs.push(await runJob(testName, job, whole, strategy))
  }
  const workers = Math.min(strategy.concurrency || jobs.length, jobs.length)
  await Promise.all(Array.from({ length: workers }, work))
  const failed = runs.filter(({ error }) => error !== null).length
  return {
    total_runs: runs.length,
    total_pass: runs.length - failed,
    total_fail: failed,
    elapsed_ms: Math.round(performance.now() - startedAt),
    runs: Object.fromEntries(runs.map((run) => [run.full_id, run])),
  }
}

const timeoutSignal = (ms: number): AbortSignal => (ms > 0 ? AbortSignal.timeout(ms) : new AbortController().signal)

async function runJob(testName: string, job: Job, whole: AbortSignal, { jobTimeoutMs }: Strategy): Promise<Run> {
  const startTime = performance.now()
  const startedAt = new Date().toISOString()
  const lines: string[] = []
  const signal = AbortSignal.any([whole, timeoutSignal(jobTimeoutMs)])
  let error: string | null = null
  let metrics: Run['metrics'] = {}
  try {
    signal.throwIfAborted()
    metrics = await job.run(signal, (line) => lines.push(line))
  } catch (failure) {
    error = signal.aborted ? 'The job exceeded its time limit.' : describeError(failure)
  }
  return {
    full_id: `${testName}/${job.id}`,
    test_name: testName,
    id: job.id,
    logs: lines.join('\n'),
    error,
    started_at: startedAt,
    duration_ms: Math.round(performance.now() - startTime),
    metrics,
  }
}

/** Each output is `text` or `json` for stdout, or has a file after a colon: `json:results.json`.
 *  @throws CommandError for an unknown format */
export function writeResults(results: Results, outputs: readonly string[] = ['text']): void {
  for (const output of outputs) {
    const [kind = '', ...path] = output.split(':')
    const file = path.join(':')
    if (kind !== 'text' && kind !== 'json')
      throw new CommandError(`--output "${output}" is not supported.`, {
        hint: 'use text, json, or a file as in json:results.json.',
      })
    const text = kind === 'json' ? `${JSON.stringify(results, null, 2)}\n` : `${describeResults(results)}\n`
    if (file) writeFileSync(file, text)
    else if (kind === 'json') printJson(results)
    else print(describeResults(results))
  }
}

/** @throws CommandError when a job failed, so that the exit status is not 0 */
export function requireAllPassed({ total_fail: failed, total_runs: all }: Results): void {
  if (failed > 0) throw new CommandError(`${failed} of ${all} failed.`)
}

function describeResults({ total_pass, total_fail, total_runs, elapsed_ms, runs }: Results): string {
  const all = Object.values(runs)
  const durations = all.map(({ duration_ms }) => duration_ms)
  const average = durations.reduce((sum, ms) => sum + ms, 0) / Math.max(1, durations.length)
  const metrics = [...new Set(all.flatMap(({ metrics: own }) => Object.keys(own)))].map((name) => {
    const values = all.flatMap(({ metrics: own }) => own[name] ?? []).sort((a, b) => a - b)
    return `\t${name}: ${values.at(Math.floor(values.length / 2))} (median), ${values.at(-1)} (highest)`
  })
  return [
    ...all.flatMap(({ full_id, error }) => (error === null ? [] : [`${full_id}: ${error}`])),
    'Test results:',
    `\tPass:  ${total_pass}`,
    `\tFail:  ${total_fail}`,
    `\tTotal: ${total_runs}`,
    '',
    `\tTotal duration: ${formatDuration(elapsed_ms)}`,
    `\tAvg. duration:  ${formatDuration(average)}`,
    ...metrics,
  ].join('\n')
}
