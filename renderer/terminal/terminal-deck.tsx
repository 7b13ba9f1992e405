// Tabs of terminal sessions, how fresh the shown one is, and the terminal itself: a chunk of its own, loaded when the
// first one opens.

import { Plus, RotateCw, Search } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { StatusDot, type Tone } from '../components/status-dot.tsx'
import { Tooltip } from '../components/tooltip.tsx'
import type { PaneHandle, PaneStatus } from './pane.ts'
import { TerminalBadge } from './terminal-badge.tsx'
import type { TerminalState } from './terminal-connection.ts'
import { shownKey } from './terminal-keys.ts'

const TerminalPane = lazy(() => import('./terminal-pane.tsx'))

export interface DeckTab {
  readonly id: string
  readonly label: string
  readonly note: string
}

interface TerminalDeckProps {
  readonly tabs: readonly DeckTab[]
  readonly agentId: string
  readonly sessionId: string
  readonly workspaceName: string
  /** Instead of the plain button that starts a session. */
  readonly newControl?: ReactNode
  readonly onSelect: (sessionId: string) => void
  readonly onNewSession: () => void
  readonly onSessionsChanged: () => void
}

/** Holds one session's state; for another session it starts afresh. */
export function TerminalDeck(props: TerminalDeckProps) {
  return <Deck key={`${props.agentId}/${props.sessionId}`} {...props} />
}

const tones: Record<TerminalState['kind'], Tone> = {
  connecting: 'changing',
  live: 'running',
  reconnecting: 'attention',
  exited: 'stopped',
}

function Deck({ tabs, newControl, onSelect, ...session }: TerminalDeckProps) {
  const [status, setStatus] = useState<PaneStatus>()
  const pane = useRef<PaneHandle>(null)
  const { state = { kind: 'connecting' }, title = '' } = status ?? {}
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex h-9 shrink-0 items-end border-b border-line bg-sunken pr-2 pl-2">
        <div
          className="flex min-w-0 items-end gap-1 overflow-x-auto overflow-y-hidden"
          role="tablist"
          aria-label="Terminal sessions"
        >
          {tabs.map((tab) => (
            <Tab
              key={tab.id}
              tab={tab}
              title={tab.id === session.sessionId ? title : ''}
              tone={tab.id === session.sessionId ? tones[state.kind] : 'running'}
              isSelected={tab.id === session.sessionId}
              onSelect={() => onSelect(tab.id)}
            />
          ))}
        </div>
        <div className="ml-1 flex h-8 shrink-0 items-center">
          {newControl ?? <NewSession onPress={session.onNewSession} />}
        </div>
        <div className="ml-auto flex h-8 shrink-0 items-center gap-1 pl-2">
          {state.kind === 'reconnecting' && (
            <Button look="quiet" size="small" className="h-6" onClick={() => pane.current?.retry()}>
              <RotateCw className="size-3.5" aria-hidden /> Retry now
            </Button>
          )}
          <span role="status">
            <TerminalBadge state={state} />
          </span>
          <Tooltip text="Find" keys={shownKey('find') ?? ''}>
            <Button look="quiet" size="icon-small" aria-label="Find" onClick={() => pane.current?.run('find')}>
              <Search className="size-4" aria-hidden />
            </Button>
          </Tooltip>
        </div>
      </div>
      <Suspense fallback={<div className="flex-1 bg-terminal" />}>
        <TerminalPane
          {...session}
          ref={pane}
          onStatus={setStatus}
          onAction={(action) => {
            if (action === 'newTab') session.onNewSession()
            return action === 'newTab'
          }}
        />
      </Suspense>
    </div>
  )
}

interface TabProps {
  tab: DeckTab
  /** What the program calls itself now, if it is known. */
  title: string
  tone: Tone
  isSelected: boolean
  onSelect: () => void
}

function Tab({ tab, title, tone, isSelected, onSelect }: TabProps) {
  const note = tab.note && (title || tab.note)
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isSelected}
      onClick={onSelect}
      className={classNames(
        'flex h-8 max-w-60 min-w-0 shrink-0 items-center gap-2 rounded-t-control border px-3 text-sm focus-visible:-outline-offset-2',
        isSelected
          ? 'border-line border-b-transparent bg-background font-semibold'
          : 'border-transparent text-muted hover:text-text',
      )}
    >
      <StatusDot tone={tone} />
      <span className="max-w-40 truncate" dir="auto">
        {tab.note ? tab.label : title || tab.label}
      </span>
      {note && (
        <span className="min-w-0 truncate font-normal text-muted" dir="auto">
          {note}
        </span>
      )}
    </button>
  )
}

function NewSession({ onPress }: { onPress: () => void }) {
  return (
    <Tooltip text="New session">
      <Button look="quiet" size="icon-small" aria-label="New session" onClick={onPress}>
        <Plus className="size-4" aria-hidden />
      </Button>
    </Tooltip>
  )
}
