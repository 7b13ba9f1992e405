// Start-up steps as lines on stderr: one when a step is done or has failed, with how long it took. A step that takes
// longer says first that it is under way.

import type { StartupStep } from '../../lib/startup-step.ts'
import { formatDuration } from '../output/formats.ts'
import { note } from '../output/print.ts'

// Quicker steps are told once, at their end.
const announceAfterMs = 1_000

export function startupLines(): (step: StartupStep) => void {
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

/** Why a step failed stands in the error that follows. */
function formatStep({ title, state, ms, detail }: StartupStep): string {
  if (state === 'failed') return `✘ ${title} [${formatDuration(ms)}]`
  return `✔ ${title} [${formatDuration(ms)}]${detail ? `  ${detail}` : ''}`
}
