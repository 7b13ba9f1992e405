// Status mark. Shape and color agree: dot for running, dot with halo for changing, diamond for attention, square for
// failed, ring for stopped.

import { classNames } from './class-names.ts'

export type Tone = 'running' | 'changing' | 'attention' | 'failed' | 'stopped'

const shapes: Record<Tone, string> = {
  running: 'size-2 rounded-full bg-running',
  changing: 'size-2 rounded-full bg-changing shadow-[0_0_0_3px_var(--changing-soft)] pulse-changing',
  attention: 'size-2 rotate-45 rounded-[1px] bg-attention',
  failed: 'size-2 rounded-[2px] bg-failed',
  stopped: 'size-2 rounded-full border-2 border-stopped',
}

/** Decorative: a label is always next to it. */
export function StatusDot({ tone, className }: { tone: Tone; className?: string }) {
  return (
    <span aria-hidden className={classNames('inline-flex size-3 shrink-0 items-center justify-center', className)}>
      <span className={classNames('forced-color-adjust-none', shapes[tone])} />
    </span>
  )
}
