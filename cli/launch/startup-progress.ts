// Prints start-up steps on stderr: a line with the duration when a step succeeds or fails, preceded by a line that
// announces a slow step.

import type { StartupStep } from '../../lib/startup-step.ts'
import { formatDuration } from '../output/formats.ts'
import { note } from '../output/print.ts'

// Faster steps are printed only when they finish.
const announceAfterMs = 1_000

export function createStartupReporter(): (step: StartupStep) => void {
  const announcements = new Map<string, NodeJS.Timeout>()
  return (step) => {
    clearTimeout(announcements.get(step.name))
    if (step.state === 'running') announcements.set(step.name, announceLater(step))
    else note(formatStep(step))
  }
}

function announceLater({ title, ms, limitMs, detail }: StartupStep): NodeJS.Timeout {
  const text = `⧗ ${title} (limit ${formatDuration(limitMs)})${detail ? `  ${detail}` : ''}`
  return setTimeout(() => note(text), Math.max(0, announceAfterMs - ms)).unref()
}

/** The cause of a failed step is in the error printed after it. */
function formatStep({ title, state, ms, detail }: StartupStep): string {
  if (state === 'failed') return `✘ ${title} [${formatDuration(ms)}]`
  return `✔ ${title} [${formatDuration(ms)}]${detail ? `  ${detail}` : ''}`
}
