// A bordered surface with a title and content.

import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

interface CardProps {
  title?: ReactNode
  /** Next to the title. */
  note?: ReactNode
  /** At the right end of the title row. */
  aside?: ReactNode
  className?: string
  children: ReactNode
}

export function Card({ title, note, aside, className, children }: CardProps) {
  return (
    <section className={classNames('rounded-card border border-line bg-surface p-4', className)}>
      {title && (
        <header className="mb-3 flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-1">
          <h2 className="truncate text-base font-semibold">{title}</h2>
          {note && <span className="truncate text-sm text-muted">{note}</span>}
          {aside && <span className="tabular ml-auto text-sm text-muted">{aside}</span>}
        </header>
      )}
      {children}
    </section>
  )
}

/** A list of names and values, such as "Template · This computer". */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[minmax(80px,auto)_1fr] gap-x-6 gap-y-1.5 text-sm">{children}</dl>
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}
