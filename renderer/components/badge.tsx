// A short label on a tinted background, for example a count or a state.

import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Variant = 'neutral' | 'attention' | 'failed' | 'accent'

const variants: Record<Variant, string> = {
  neutral: 'bg-hover text-muted',
  attention: 'bg-attention-soft text-attention-text',
  failed: 'bg-failed-soft text-failed-text',
  accent: 'bg-accent-soft text-accent-text',
}

export function Badge({ variant = 'neutral', children }: { variant?: Variant; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'tabular inline-flex h-5 items-center rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
        variants[variant],
      )}
    >
      {children}
    </span>
  )
}
