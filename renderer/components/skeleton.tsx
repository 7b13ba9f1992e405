// The shape of what is being loaded. Shown only when loading takes long enough to be noticed.

import { type ReactNode, useEffect, useState } from 'react'
import { classNames } from './class-names.ts'

// Below this a flash of grey disturbs more than the wait itself.
const noticeableMs = 200

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classNames('rounded-sm bg-hover', className)} />
}

/** Its children after the time at which a wait is noticed. */
export function Delayed({ children }: { children: ReactNode }) {
  const [isNoticeable, setNoticeable] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setNoticeable(true), noticeableMs)
    return () => clearTimeout(timer)
  }, [])
  if (!isNoticeable) return null
  return (
    <div role="status" aria-label="Loading">
      {children}
    </div>
  )
}
