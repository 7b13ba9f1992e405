// Navigation between the sections of settings: a column beside the content, a scrolling row in narrow windows.

import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { TabLink } from './tab-links.tsx'

interface SectionLinksProps {
  label: string
  links: readonly TabLink[]
  /** The content of the current section. */
  children: ReactNode
}

export function SectionLinks({ label, links, children }: SectionLinksProps) {
  return (
    <div className="flex gap-8 px-6 pt-5 pb-10 max-md:flex-col max-md:gap-4 max-sm:px-3">
      <nav
        aria-label={label}
        className="flex w-44 shrink-0 flex-col gap-0.5 max-md:w-auto max-md:flex-row max-md:overflow-x-auto"
      >
        {links.map((link) => (
          <Link
            key={link.label}
            {...link.link}
            activeOptions={{ exact: true, includeSearch: false }}
            className="flex h-8 shrink-0 items-center rounded-control px-2.5 text-muted hover:bg-hover hover:text-text focus-visible:-outline-offset-2"
            activeProps={{ className: 'bg-accent-soft! font-semibold text-accent-text!', 'aria-current': 'page' }}
          >
            {link.label}
          </Link>
        ))}
      </nav>
      <div className="flex max-w-[768px] min-w-0 flex-1 flex-col gap-4">{children}</div>
    </div>
  )
}
