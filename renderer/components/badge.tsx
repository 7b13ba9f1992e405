// A short label on a tinted background: freshness, counts, marks.

import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Look = 'neutral' | 'attention' | 'failed' | 'accent'

const looks: Record<Look, string> = {
  neutral: 'bg-hover text-muted',
  attention: 'bg-attention-soft text-attention-text',
  failed: 'bg-failed-soft text-failed-text',
  accent: 'bg-accent-soft text-accent-text',
}

export function Badge({ look = 'neutral', children }: { look?: Look; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'tabular inline-flex h-5 items-center rounded-sm px-1.5 text-xs font-medium whitespace-nowrap',
        looks[look],
      )}
    >
      {children}
    </span>
  )
}
