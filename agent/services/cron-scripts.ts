// Runs scripts with a cron schedule, once the workspace is ready. A script that is still running at its next
// time is not started again.

import type { ManifestScript } from '../../api/agents/agent-protocol.ts'
import { type CronSchedule, parseScriptSchedule } from '../../lib/cron-schedule.ts'
import type { LogStream } from './logs.ts'

const earlyMs = 100
// Maximum delay of a timer.
const longestMs = 2 ** 31 - 1

/** Runs until the signal aborts. @param run resolves when the script has ended. */
export function runOnSchedule(
  scripts: readonly ManifestScript[],
  run: (script: ManifestScript) => Promise<unknown>,
  logs: Pick<LogStream, 'write'>,
  signal: AbortSignal,
): void {
  for (const script of scripts) {
    if (script.cron === '') continue
    try {
      repeat(script, parseScriptSchedule(script.cron), run, signal)
    } catch (error) {
      const text = `The script does not run by itself: its schedule "${script.cron}" ${(error as Error).message}`
      logs.write(script.log_source_id, 'error', text)
    }
  }
}

function repeat(
  script: ManifestScript,
  schedule: CronSchedule,
  run: (script: ManifestScript) => Promise<unknown>,
  signal: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined
  // Timers may fire slightly early: no time is used twice.
  let last = 0
  const wait = () => {
    const next = schedule.next(new Date(Math.max(Date.now(), last)))
    if (!next || signal.aborted) return
    const ms = next.getTime() - Date.now()
    timer = setTimeout(ms > longestMs ? wait : begin, Math.min(ms, longestMs))
  }
  const begin = () => {
    last = Date.now() + earlyMs
    void run(script).then(wait, wait)
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  wait()
}
