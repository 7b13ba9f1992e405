// Navigation, open terminals and user menu: 200 px with labels in a wide window, icons in a narrower one, a bottom bar on
// a phone.

import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { LayoutGrid, type LucideIcon, Settings, Shapes, SquareTerminal } from 'lucide-react'
import { workspacesQuery } from '../api/workspaces.ts'
import { classNames } from '../components/class-names.ts'
import { StatusDot } from '../components/status-dot.tsx'
import { currentDialog } from '../terminal/deck/state/deck-state.ts'
import { useSessionTitles } from '../terminal/deck/state/use-session-titles.ts'
import { ActivityMark } from '../terminal/deck/tabs/activity-mark.tsx'
import { useOpenTerminals } from '../terminal/open-terminals.ts'
import { workspaceState } from '../workspace/workspace-state.ts'
import { UserMenu } from './user-menu.tsx'

// More would push the user menu out of view; the switcher lists all terminals.
const maxShownTerminals = 8
// Titles of sessions change without an event.
const refetchIntervalMs = 10_000

export function Sidebar({ onShowKeys }: { onShowKeys: () => void }) {
  const { data: workspaces } = useQuery(workspacesQuery)
  const { terminals } = useOpenTerminals(refetchIntervalMs)
  const names = useSessionTitles()
  return (
    <nav
      aria-label="Pages"
      className={
        'flex shrink-0 bg-sunken max-sm:order-last max-sm:h-14 max-sm:items-center max-sm:justify-around max-sm:border-t max-sm:border-line max-sm:px-2 ' +
        'sm:w-12 sm:flex-col sm:border-r sm:border-line sm:px-1.5 sm:pb-2 md:w-[200px] md:px-2'
      }
    >
      <Link
        to="/workspaces"
        aria-label="Coder Local"
        className="flex h-12 items-center gap-2.5 rounded-control px-2 font-semibold max-sm:hidden max-md:justify-center max-md:px-0"
      >
        <Logo />
        <span className="max-md:hidden">Coder Local</span>
      </Link>
      <SidebarLink to="/workspaces" icon={LayoutGrid} label="Workspaces" count={workspaces?.length} />
      <SidebarLink to="/templates" icon={Shapes} label="Templates" />
      <SidebarLink to="/terminals" icon={SquareTerminal} label="Terminals" count={terminals.length} />
      {terminals.length > 0 && (
        <div className="mt-5 flex min-h-0 flex-col overflow-y-auto max-md:hidden">
          <h2 className="px-2 pb-1.5 text-[11px] font-medium tracking-wide text-muted uppercase">Open terminals</h2>
          {terminals.slice(0, maxShownTerminals).map(({ workspace, name, session }) => (
            <Link
              key={session.id}
              to="/terminals"
              search={{ session: session.id }}
              className="flex h-8 shrink-0 items-center gap-3 rounded-control px-2 text-sm text-muted hover:bg-hover hover:text-text"
            >
              <StatusDot tone={workspaceState(workspace).tone} className="mx-[3px]" />
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <TerminalTitle title={names.short(session.id) || 'shell'} />
              <ActivityMark sessions={[session.id]} />
            </Link>
          ))}
          {terminals.length > maxShownTerminals && (
            <button
              type="button"
              onClick={() => currentDialog.set({ kind: 'switcher' })}
              className="flex h-8 shrink-0 items-center rounded-control pr-2 pl-9 text-sm text-muted hover:bg-hover hover:text-text"
            >
              {terminals.length - maxShownTerminals} more…
            </button>
          )}
        </div>
      )}
      <div className="max-sm:flex sm:mt-auto sm:border-t sm:border-line sm:pt-2">
        <SidebarLink to="/settings/terminals" icon={Settings} label="Settings" />
        <UserMenu onShowKeys={onShowKeys} />
      </div>
    </nav>
  )
}

const TerminalTitle = ({ title }: { title: string }) => (
  <span className="max-w-[84px] truncate text-xs" dir="auto" title={title}>
    {title}
  </span>
)

const sidebarItem =
  'group flex h-8 shrink-0 items-center gap-3 rounded-control border border-transparent px-2 text-muted hover:text-text max-sm:h-12 max-sm:w-20 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:text-[11px] sm:max-md:size-9 sm:max-md:justify-center sm:max-md:px-0 sm:mt-0.5'
const activeItem = 'sm:border-line sm:bg-surface text-text font-semibold'

interface SidebarLinkProps {
  to: LinkProps['to']
  icon: LucideIcon
  label: string
  count?: number | undefined
}

function SidebarLink({ to, icon: Icon, label, count }: SidebarLinkProps) {
  return (
    <Link to={to} title={label} className={sidebarItem} activeProps={{ className: activeItem, 'aria-current': 'page' }}>
      <Icon className="size-4.5 shrink-0" aria-hidden />
      <span className="min-w-0 truncate sm:max-md:sr-only md:flex-1">{label}</span>
      {count ? (
        <span className={classNames('tabular text-xs font-normal text-muted max-md:hidden')}>{count}</span>
      ) : null}
    </Link>
  )
}

export function Logo() {
  return (
    <svg viewBox="0 0 32 32" className="size-5 shrink-0" aria-hidden="true">
      <rect width="32" height="32" rx="7" className="fill-text" />
      <path
        d="M8 10l6 6-6 6M17 22h7"
        fill="none"
        strokeWidth="3.2"
        strokeLinecap="round"
        strokeLinejoin="round"
        className="stroke-background"
      />
    </svg>
  )
}
