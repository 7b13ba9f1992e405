// Layout of a page: breadcrumbs, search, connection state and content.

import { Link, type LinkProps } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { classNames } from '../components/class-names.ts'
import { Kbd } from '../components/kbd.tsx'
import { modifier } from '../desktop.ts'
import { openPalette } from '../palette-state.ts'
import { useStore } from '../store.ts'
import { unseenActivity } from '../terminal/deck/state/deck-state.ts'
import { ConnectionIndicator } from './connection-indicator.tsx'

interface PageProps {
  title: string
  /** Parent pages, for the breadcrumbs. */
  parents?: { label: string; link: LinkProps }[]
  /** The content fills the remaining height and does its own scrolling. */
  fills?: boolean
  children: ReactNode
}

export function Page({ title, parents = [], fills = false, children }: PageProps) {
  const unseenCount = useStore(unseenActivity).size
  useEffect(() => {
    document.title = `${unseenCount > 0 ? `(${unseenCount}) ` : ''}${title} · Coder Local`
  }, [title, unseenCount])
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-6 max-sm:px-3">
        <nav aria-label="Breadcrumb" className="flex min-w-0 flex-1 items-center gap-1.5">
          {parents.map(({ label, link }) => (
            <span key={label} className="flex shrink-0 items-center gap-1.5 text-muted max-sm:hidden">
              <Link {...link} className="hover:text-text">
                {label}
              </Link>
              <span aria-hidden>/</span>
            </span>
          ))}
          <span className="truncate font-semibold" aria-current="page">
            {title}
          </span>
        </nav>
        <button
          type="button"
          onClick={openPalette}
          className="flex h-8 w-[320px] shrink items-center gap-2 rounded-control border border-line bg-surface px-2.5 text-sm text-muted hover:border-line-strong max-md:w-auto"
        >
          <Search className="size-4 shrink-0" aria-hidden />
          <span className="flex-1 truncate text-left max-md:sr-only">Search or run a command</span>
          <span className="max-md:hidden">
            <Kbd>{modifier}K</Kbd>
          </span>
        </button>
        <ConnectionIndicator />
      </header>
      <main
        className={classNames('flex min-h-0 min-w-0 flex-1 flex-col', fills ? 'overflow-hidden' : 'overflow-y-auto')}
      >
        {children}
      </main>
    </div>
  )
}
