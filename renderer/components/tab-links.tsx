// Tabs as links: each tab is a page with its own address.

import { Link, type LinkProps } from '@tanstack/react-router'

export interface TabLink {
  label: string
  link: LinkProps
  /** Also active on the pages below its address. */
  hasPages?: boolean
}

export function TabLinks({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  return (
    <nav aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line px-6 max-sm:px-3">
      {tabs.map((tab) => (
        <Link
          key={tab.label}
          {...tab.link}
          activeOptions={{ exact: !tab.hasPages, includeSearch: false }}
          className="flex h-9 shrink-0 items-center border-b-2 border-transparent px-2.5 text-muted hover:text-text focus-visible:-outline-offset-2"
          activeProps={{ className: 'border-accent! font-semibold text-text!', 'aria-current': 'page' }}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}
