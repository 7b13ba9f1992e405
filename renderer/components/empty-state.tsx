// Placeholder for an empty view: the content that will appear, and one action.

import type { ReactNode } from 'react'

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="mx-auto mt-16 flex max-w-[420px] flex-col items-center px-4 text-center">
      <span className="text-muted">{icon}</span>
      <h2 className="mt-3 text-lg font-semibold">{title}</h2>
      {children && <p className="mt-1 text-muted">{children}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}
