// The tab strip of the deck, with the buttons for new terminals, splitting and broadcasting. A phone shows one terminal at a
// time; there the strip has a button for the switcher instead of tabs.

import { ChevronDown, Columns2, Plus, RadioTower, Rows2, X } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useRef } from 'react'
import { Button } from '../../../components/button.tsx'
import { StatusDot } from '../../../components/status-dot.tsx'
import { Tooltip } from '../../../components/tooltip.tsx'
import { phone, useMedia } from '../../../media.ts'
import { useStore } from '../../../store.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { listAllPanes, type Tab, type WindowLayout } from '../../layout/window-layout.ts'
import { broadcastSessions, currentDialog, isDrawerOpen, paneStatuses } from '../state/deck-state.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { useSessionTitles } from '../state/use-session-titles.ts'
import { DeckMenu } from './deck-menu.tsx'
import { NewTerminalMenu } from './new-terminal-menu.tsx'
import { DropLine, TabButton } from './tab-button.tsx'
import { describeTab } from './tab-description.ts'
import { useTabDrop } from './tab-drop.ts'
import { useScrollToActiveTab } from './tab-scrolling.ts'

interface TabStripProps {
  readonly tabs: readonly Tab[]
  readonly layout: WindowLayout
  readonly workspaces: PaneWorkspaces
  readonly isDrawer: boolean
  readonly onAction: (action: TerminalAction) => boolean
}

export function TabStrip({ tabs, layout, workspaces, isDrawer, onAction }: TabStripProps) {
  const isPhone = useMedia(phone)
  const shown = tabs.find(({ id }) => id === layout.active_tab)
  const list = useRef<HTMLDivElement>(null)
  const { dropAt, handlers } = useTabDrop(list, tabs, layout)
  return (
    <div className="flex h-9 shrink-0 items-end border-b border-line bg-sunken px-2" {...(!isPhone && handlers)}>
      {isPhone ? (
        <SwitcherButton shown={shown} layout={layout} workspaces={workspaces} />
      ) : (
        <Tabs list={list} dropAt={dropAt} tabs={tabs} layout={layout} workspaces={workspaces} />
      )}
      <div className="ml-1 flex h-8 shrink-0 items-center">
        <ActionTooltip action="newTab" text="New terminal">
          <Button variant="quiet" size="icon-small" aria-label="New terminal" onClick={() => onAction('newTab')}>
            <Plus className="size-4" aria-hidden />
          </Button>
        </ActionTooltip>
        <NewTerminalMenu
          trigger={
            <Button variant="quiet" size="icon-small" className="w-5" aria-label="New terminal in …">
              <ChevronDown className="size-3.5" aria-hidden />
            </Button>
          }
        />
      </div>
      <div className="ml-auto flex h-8 shrink-0 items-center gap-1 pl-2">
        {!isPhone && <SplitButtons onAction={onAction} />}
        <DeckMenu shown={shown} layout={layout} onAction={onAction} />
        {isDrawer && (
          <ActionTooltip action="drawer" text="Close drawer">
            <Button variant="quiet" size="icon-small" aria-label="Close drawer" onClick={() => isDrawerOpen.set(false)}>
              <X className="size-4" aria-hidden />
            </Button>
          </ActionTooltip>
        )}
      </div>
    </div>
  )
}

function ActionTooltip({
  action,
  text,
  children,
}: {
  action: TerminalAction
  text: string
  children: React.ReactNode
}) {
  const keys = shortcutOf(action)
  return (
    <Tooltip text={text} {...(keys ? { keys } : {})}>
      {children}
    </Tooltip>
  )
}

function SplitButtons({ onAction }: Pick<TabStripProps, 'onAction'>) {
  const isBroadcasting = useStore(broadcastSessions).size > 0
  return (
    <>
      <ActionTooltip action="splitRight" text="Split right">
        <Button variant="quiet" size="icon-small" aria-label="Split right" onClick={() => onAction('splitRight')}>
          <Columns2 className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
      <ActionTooltip action="splitDown" text="Split down">
        <Button variant="quiet" size="icon-small" aria-label="Split down" onClick={() => onAction('splitDown')}>
          <Rows2 className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
      <ActionTooltip action="broadcast" text={isBroadcasting ? 'Stop broadcast' : 'Broadcast input'}>
        <Button
          variant="quiet"
          size="icon-small"
          aria-label="Broadcast input"
          aria-pressed={isBroadcasting}
          className={isBroadcasting ? 'bg-attention-soft text-attention-text' : ''}
          onClick={() => onAction('broadcast')}
        >
          <RadioTower className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
    </>
  )
}

interface TabsProps extends Omit<TabStripProps, 'isDrawer' | 'onAction'> {
  readonly list: RefObject<HTMLDivElement | null>
  /** Index at which a drop inserts the payload. */
  readonly dropAt: number | undefined
}

function Tabs({ list, dropAt, tabs, layout, workspaces }: TabsProps) {
  const statuses = useStore(paneStatuses)
  const titles = useSessionTitles()
  const all = tabs.map((tab) => ({ tab, description: describeTab(tab, workspaces, statuses, titles) }))
  const onWheel = useScrollToActiveTab(
    list,
    layout.active_tab,
    all.map(({ description }) => description.name).join('\n'),
  )

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('[role="tab"]') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLElement)
    buttons[(at + step + buttons.length) % buttons.length]?.focus()
  }
  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Terminals"
      tabIndex={-1}
      className="flex min-w-0 items-end gap-1 overflow-x-auto overflow-y-hidden [scrollbar-width:none]"
      onKeyDown={onKeyDown}
      onWheel={onWheel}
    >
      {all.map(({ tab, description }) => (
        <TabButton
          key={tab.id}
          tab={tab}
          description={description}
          isSelected={tab.id === layout.active_tab}
          isDropBefore={dropAt === layout.tabs.indexOf(tab)}
        />
      ))}
      {dropAt === layout.tabs.length && <DropLine />}
    </div>
  )
}

/** Opens the switcher on a phone. */
function SwitcherButton({
  shown,
  layout,
  workspaces,
}: {
  shown: Tab | undefined
  layout: WindowLayout
  workspaces: PaneWorkspaces
}) {
  const statuses = useStore(paneStatuses)
  const titles = useSessionTitles()
  const panes = listAllPanes(layout)
  const at = panes.findIndex(({ session_id }) => session_id === shown?.active_pane)
  const description = shown && describeTab(shown, workspaces, statuses, titles)
  return (
    <button
      type="button"
      onClick={() => currentDialog.set({ kind: 'switcher' })}
      className="flex h-8 min-w-0 items-center gap-2 rounded-t-control border border-line border-b-transparent bg-background px-2.5 text-sm font-semibold"
    >
      <StatusDot tone={description?.tone ?? 'stopped'} />
      <span className="truncate" dir="auto">
        {description?.name}
      </span>
      <span className="tabular text-xs font-normal text-muted">
        {at + 1}/{panes.length}
      </span>
      <ChevronDown className="size-3.5 text-muted" aria-hidden />
    </button>
  )
}
