// A keycap.

import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

export function Kbd({ children, onAccent = false }: { children: ReactNode; onAccent?: boolean }) {
  return (
    <kbd
      className={classNames(
        'inline-flex h-5 min-w-5 items-center justify-center rounded-sm border px-1 font-sans text-[11px] leading-none font-medium',
        onAccent ? 'border-current/50' : 'border-line-strong bg-surface text-muted',
      )}
    >
      {children}
    </kbd>
  )
}
