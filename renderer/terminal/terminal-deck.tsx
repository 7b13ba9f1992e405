// Tabs of terminal sessions and the one that is shown. The terminal itself is a chunk of its own, loaded when the
// first one opens.

import { Plus } from 'lucide-react'
import { lazy, type ReactNode, Suspense } from 'react'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { Delayed } from '../components/skeleton.tsx'
import { StatusDot } from '../components/status-dot.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import type { TerminalPaneProps } from './terminal-pane.tsx'

const TerminalPane = lazy(() => import('./terminal-pane.tsx'))

export interface DeckTab {
  readonly id: string
  readonly label: string
  readonly note: string
}

interface TerminalDeckProps extends TerminalPaneProps {
  readonly tabs: readonly DeckTab[]
  readonly onSelect: (sessionId: string) => void
  /** Instead of the plain button that starts a session. */
  readonly newControl?: ReactNode
}

export function TerminalDeck({ tabs, onSelect, newControl, ...pane }: TerminalDeckProps) {
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div
        className="flex h-9 shrink-0 items-end gap-1 overflow-x-auto border-b border-line bg-sunken px-2"
        role="tablist"
        aria-label="Terminal sessions"
      >
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            aria-selected={tab.id === pane.sessionId}
            onClick={() => onSelect(tab.id)}
            className={classNames(
              'flex h-8 max-w-56 min-w-0 shrink-0 items-center gap-2 rounded-t-control border border-b-0 px-3 text-sm focus-visible:-outline-offset-2',
              tab.id === pane.sessionId
                ? 'border-line bg-background font-semibold'
                : 'border-transparent text-muted hover:text-text',
            )}
          >
            <StatusDot tone="running" />
            <span className="truncate">{tab.label}</span>
            {tab.note && <span className="truncate font-normal text-muted">{tab.note}</span>}
          </button>
        ))}
        <div className="flex h-8 items-center">
          {newControl ?? (
            <Tooltip text="New session">
              <Button look="quiet" size="icon-small" aria-label="New session" onClick={pane.onNewSession}>
                <Plus className="size-4" aria-hidden />
              </Button>
            </Tooltip>
          )}
        </div>
      </div>
      <Suspense
        fallback={
          <Delayed>
            <div className="flex-1 bg-terminal" />
          </Delayed>
        }
      >
        <TerminalPane key={`${pane.agentId}/${pane.sessionId}`} {...pane} />
      </Suspense>
    </div>
  )
}
