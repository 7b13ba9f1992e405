// Placeholder for content that is loading, shown only if loading takes noticeably long.

import { type ReactNode, useEffect, useState } from 'react'
import { classNames } from './class-names.ts'

// A placeholder that flashes briefly disturbs more than none.
const noticeableMs = 200

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classNames('rounded-sm bg-hover', className)} />
}

/** Renders its children after a noticeable delay. */
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
