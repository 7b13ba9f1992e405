// Prints start-up steps on stderr: a line with the duration when a step succeeds or fails, preceded by a line that
// announces a slow step.

import type { StartupStep } from '../../lib/startup-step.ts'
import { formatDuration } from '../output/formats.ts'
import { note } from '../output/print.ts'

// A running step is printed after this time; faster steps only when they finish.
const slowAfterMs = 1_000

export function createStartupReporter(): (step: StartupStep) => void {
  const timers = new Map<string, NodeJS.Timeout>()
  return (step) => {
    clearTimeout(timers.get(step.name))
    if (step.state === 'running') timers.set(step.name, scheduleNote(step))
    else note(formatStep(step))
  }
}

function scheduleNote({ title, ms, limitMs, detail }: StartupStep): NodeJS.Timeout {
  const text = `⧗ ${title} (limit ${formatDuration(limitMs)})${detail ? `  ${detail}` : ''}`
  return setTimeout(() => note(text), Math.max(0, slowAfterMs - ms)).unref()
}

/** The cause of a failed step is in the error printed after it. */
function formatStep({ title, state, ms, detail }: StartupStep): string {
  if (state === 'failed') return `✘ ${title} [${formatDuration(ms)}]`
  return `✔ ${title} [${formatDuration(ms)}]${detail ? `  ${detail}` : ''}`
}
