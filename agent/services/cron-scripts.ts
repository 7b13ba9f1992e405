// Runs scripts at the times of their cron schedules. A script that is still running at its next time is not started
// again.

import type { ManifestScript } from '../../api/agents/agent-protocol.ts'
import { type CronSchedule, parseScriptSchedule } from '../../lib/cron-schedule.ts'
import type { LogStream } from './logs.ts'

const timerToleranceMs = 100
// Maximum delay of a timer.
const maxTimerMs = 2 ** 31 - 1

/** Runs until the signal aborts. @param run resolves when the script has exited */
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
      const text = `The script is not scheduled: its schedule "${script.cron}" ${(error as Error).message}`
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
  // Timers may fire slightly early: the same time must not count twice.
  let last = 0
  const wait = () => {
    const next = schedule.next(new Date(Math.max(Date.now(), last)))
    if (!next || signal.aborted) return
    const ms = next.getTime() - Date.now()
    timer = setTimeout(ms > maxTimerMs ? wait : start, Math.min(ms, maxTimerMs))
  }
  const start = () => {
    last = Date.now() + timerToleranceMs
    void run(script).then(wait, wait)
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  wait()
}
