// The tabs of the deck, what opens a new one, and what is done to the panes of the shown one. On a phone one terminal is
// shown at a time, and the strip is the way to the others.

import { ChevronDown, Columns2, Plus, RadioTower, Rows2, X } from 'lucide-react'
import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useRef,
  useState,
  type WheelEvent,
} from 'react'
import { Button } from '../../../components/button.tsx'
import { classNames } from '../../../components/class-names.ts'
import { StatusDot, type Tone } from '../../../components/status-dot.tsx'
import { Tooltip } from '../../../components/tooltip.tsx'
import { phone, useMedia } from '../../../media.ts'
import { useStore } from '../../../store.ts'
import { placeName } from '../../../workspace/workspace-state.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { shortcutOf } from '../../keys/terminal-keys.ts'
import { adoptFromOtherWindow, changeLayout } from '../../layout/current-layout.ts'
import { findPane, listPanes } from '../../layout/tree.ts'
import {
  activateTab,
  adoptTab,
  listAllPanes,
  movePaneToTab,
  moveTab,
  type Tab,
  type WindowLayout,
} from '../../layout/window-layout.ts'
import type { PaneStatus } from '../../pane/pane-types.ts'
import { randomUuid } from '../../random-uuid.ts'
import { useClosePanes } from '../actions/close-panes.ts'
import { focusActivePane, moveToNewWindow } from '../actions/deck-actions.ts'
import { endDragging, hasDragPayload, listSessions, readDropPayload, startDragging } from '../actions/drag-and-drop.ts'
import { broadcastSessions, isDrawerOpen, openDialog, paneStatuses } from '../state/deck-state.ts'
import type { PaneWorkspaces } from '../state/pane-workspaces.ts'
import { getPaneTone } from '../state/session-titles.ts'
import { type SessionTitles, useSessionTitles } from '../state/use-session-titles.ts'
import { ActivityMark } from './activity-mark.tsx'
import { DeckMenu } from './deck-menu.tsx'
import { NewTerminalMenu } from './new-terminal-menu.tsx'

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
          <Button look="quiet" size="icon-small" aria-label="New terminal" onClick={() => onAction('newTab')}>
            <Plus className="size-4" aria-hidden />
          </Button>
        </ActionTooltip>
        <NewTerminalMenu
          trigger={
            <Button look="quiet" size="icon-small" className="w-5" aria-label="New terminal in …">
              <ChevronDown className="size-3.5" aria-hidden />
            </Button>
          }
        />
      </div>
      <div className="ml-auto flex h-8 shrink-0 items-center gap-1 pl-2">
        {!isPhone && <SplitButtons onAction={onAction} />}
        <DeckMenu shown={shown} layout={layout} onAction={onAction} />
        {isDrawer && (
          <ActionTooltip action="drawer" text="Close the drawer">
            <Button
              look="quiet"
              size="icon-small"
              aria-label="Close the drawer"
              onClick={() => isDrawerOpen.set(false)}
            >
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
  const isTogether = useStore(broadcastSessions).size > 0
  return (
    <>
      <ActionTooltip action="splitRight" text="Split right">
        <Button look="quiet" size="icon-small" aria-label="Split right" onClick={() => onAction('splitRight')}>
          <Columns2 className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
      <ActionTooltip action="splitDown" text="Split down">
        <Button look="quiet" size="icon-small" aria-label="Split down" onClick={() => onAction('splitDown')}>
          <Rows2 className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
      <ActionTooltip
        action="broadcast"
        text={isTogether ? 'Stop typing into several terminals' : 'Type into several terminals'}
      >
        <Button
          look="quiet"
          size="icon-small"
          aria-label="Type into several terminals"
          aria-pressed={isTogether}
          className={isTogether ? 'bg-attention-soft text-attention-text' : ''}
          onClick={() => onAction('broadcast')}
        >
          <RadioTower className="size-4" aria-hidden />
        </Button>
      </ActionTooltip>
    </>
  )
}

/** What a tab is called and how it is: after its active pane, and as bad as the worst of them. */
function describeTab(
  tab: Tab,
  workspaces: PaneWorkspaces,
  known: ReadonlyMap<string, PaneStatus>,
  names: SessionTitles,
) {
  const active = findPane(tab.root, tab.active_pane)
  const ofPane =
    active &&
    (names.short(active.session_id, active.title) ||
      placeName(workspaces.get(active.workspace_id), active.agent_name) ||
      'shell')
  const name = tab.title || ofPane || ''
  const tones = listPanes(tab.root).map((pane) =>
    getPaneTone(known.get(pane.session_id), workspaces.get(pane.workspace_id)),
  )
  const worst: Tone =
    (['attention', 'failed', 'changing', 'running'] as const).find((tone) => tones.includes(tone)) ?? 'stopped'
  const where = [...new Set(listPanes(tab.root).map(({ workspace_id: id }) => workspaces.get(id)?.name ?? ''))].join(
    ', ',
  )
  const what = active ? names.long(active.session_id, active.title) : ''
  return { name, tone: worst, hint: [where, what].filter(Boolean).join('\n') }
}

/** A tab or a pane can be dropped anywhere on the strip: between two tabs, or behind the last. */
function useTabDrop(list: RefObject<HTMLElement | null>, tabs: readonly Tab[], layout: WindowLayout) {
  const [dropAt, setDropAt] = useState<number>()
  const placeAt = (event: DragEvent): number => {
    const elements = [...(list.current?.querySelectorAll('[data-tab]') ?? [])]
    const after = elements.filter((element) => {
      const { left, width } = element.getBoundingClientRect()
      return event.clientX > left + width / 2
    })
    const next = tabs[after.length]
    return next ? layout.tabs.indexOf(next) : layout.tabs.length
  }
  const onDragOver = (event: DragEvent) => {
    if (!hasDragPayload(event)) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'move'
    setDropAt(placeAt(event))
  }
  const onDrop = (event: DragEvent) => {
    const dropped = readDropPayload(event)
    setDropAt(undefined)
    if (!dropped) return
    event.preventDefault()
    const index = placeAt(event)
    if (dropped.isForeign) {
      const tab = { ...dropped.tab, id: randomUuid() }
      adoptFromOtherWindow((before) => adoptTab(before, tab, index), listSessions(dropped))
    } else if (dropped.kind === 'tab') changeLayout((before) => moveTab(before, dropped.tab.id, index))
    else changeLayout((before) => movePaneToTab(before, dropped.tab.active_pane, randomUuid(), index))
  }
  return { dropAt, handlers: { onDragOver, onDrop, onDragLeave: () => setDropAt(undefined) } }
}

interface TabsProps extends Omit<TabStripProps, 'isDrawer' | 'onAction'> {
  readonly list: RefObject<HTMLDivElement | null>
  /** Before which tab what is dragged would land. */
  readonly dropAt: number | undefined
}

function Tabs({ list, dropAt, tabs, layout, workspaces }: TabsProps) {
  const known = useStore(paneStatuses)
  const names = useSessionTitles()
  const all = tabs.map((tab) => ({ tab, described: describeTab(tab, workspaces, known, names) }))
  const onWheel = useScrollToActiveTab(list, layout.active_tab, all.map(({ described }) => described.name).join('\n'))

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
      {all.map(({ tab, described }) => (
        <TabButton
          key={tab.id}
          tab={tab}
          described={described}
          isSelected={tab.id === layout.active_tab}
          isDropBefore={dropAt === layout.tabs.indexOf(tab)}
        />
      ))}
      {dropAt === layout.tabs.length && <DropLine />}
    </div>
  )
}

/** Keeps the shown tab in sight, also when the names before it grow or the strip shrinks; not against a person who turns
 *  the wheel. */
function useScrollToActiveTab(list: RefObject<HTMLElement | null>, active: string, names: string) {
  const turnedAt = useRef<string>(undefined)
  const width = useWidth(list)
  // biome-ignore lint/correctness/useExhaustiveDependencies: names and width are what moves it
  useEffect(() => {
    if (turnedAt.current === active) return
    turnedAt.current = undefined
    list.current?.querySelector('[aria-selected="true"]')?.parentElement?.scrollIntoView({ inline: 'nearest' })
  }, [list, active, names, width])
  return (event: WheelEvent) => {
    turnedAt.current = active
    // A mouse has one wheel, and the strip goes one way.
    if (event.deltaX === 0) event.currentTarget.scrollLeft += event.deltaY
  }
}

function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    if (element.current) observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return width
}

const DropLine = () => <span aria-hidden className="h-7 w-0.5 shrink-0 self-center bg-accent" />

// Over a tab for this long, what is dragged opens it.
const openAfterMs = 500

interface TabButtonProps {
  readonly tab: Tab
  readonly described: ReturnType<typeof describeTab>
  readonly isSelected: boolean
  readonly isDropBefore: boolean
}

function TabButton({ tab, described, isSelected, isDropBefore }: TabButtonProps) {
  const close = useClosePanes()
  const { name, tone, hint } = described
  const sessions = listPanes(tab.root).map(({ session_id }) => session_id)
  const opening = useRef<ReturnType<typeof setTimeout>>(undefined)
  const select = () => {
    changeLayout((layout) => activateTab(layout, tab.id))
    focusActivePane()
  }
  const onAuxClick = (event: MouseEvent) => {
    if (event.button !== 1) return
    event.preventDefault()
    close(sessions)
  }
  return (
    <>
      {isDropBefore && <DropLine />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what can be pressed is inside it */}
      <div
        data-tab={tab.id}
        draggable
        onDragStart={(event) => startDragging(event, { kind: 'tab', tab }, name)}
        onDragEnd={(event) => endDragging(event) && moveToNewWindow(tab)}
        onDragEnter={() => {
          clearTimeout(opening.current)
          opening.current = setTimeout(() => changeLayout((layout) => activateTab(layout, tab.id)), openAfterMs)
        }}
        onDragLeave={(event) => {
          if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget)) return
          clearTimeout(opening.current)
        }}
        onDrop={() => clearTimeout(opening.current)}
        onAuxClick={onAuxClick}
        className={classNames(
          'group flex h-8 min-w-0 shrink-0 items-center rounded-t-control border pr-1 text-sm',
          isSelected
            ? 'border-line border-b-transparent bg-background font-semibold'
            : 'border-transparent text-muted hover:text-text',
        )}
      >
        <button
          type="button"
          role="tab"
          aria-selected={isSelected}
          tabIndex={isSelected ? 0 : -1}
          title={hint}
          onClick={select}
          onDoubleClick={() => openDialog.set({ kind: 'rename-tab', tabId: tab.id })}
          className="flex h-full min-w-0 items-center gap-2 pr-1 pl-2.5 focus-visible:-outline-offset-2"
        >
          <StatusDot tone={tone} />
          <span className="max-w-40 truncate" dir="auto">
            {name}
          </span>
          {sessions.length > 1 && <span className="tabular text-xs font-normal text-muted">{sessions.length}</span>}
          <ActivityMark sessions={sessions} />
        </button>
        <button
          type="button"
          tabIndex={-1}
          aria-label={`Close ${name}`}
          onClick={() => close(sessions)}
          className={classNames(
            'flex size-5 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text focus-visible:opacity-100',
            !isSelected && 'opacity-0 group-hover:opacity-100',
          )}
        >
          <X className="size-3.5" aria-hidden />
        </button>
      </div>
    </>
  )
}

/** The way to the other terminals where only one is shown. */
function SwitcherButton({
  shown,
  layout,
  workspaces,
}: {
  shown: Tab | undefined
  layout: WindowLayout
  workspaces: PaneWorkspaces
}) {
  const known = useStore(paneStatuses)
  const names = useSessionTitles()
  const panes = listAllPanes(layout)
  const at = panes.findIndex(({ session_id }) => session_id === shown?.active_pane)
  const described = shown && describeTab(shown, workspaces, known, names)
  return (
    <button
      type="button"
      onClick={() => openDialog.set({ kind: 'switcher' })}
      className="flex h-8 min-w-0 items-center gap-2 rounded-t-control border border-line border-b-transparent bg-background px-2.5 text-sm font-semibold"
    >
      <StatusDot tone={described?.tone ?? 'stopped'} />
      <span className="truncate" dir="auto">
        {described?.name}
      </span>
      <span className="tabular text-xs font-normal text-muted">
        {at + 1}/{panes.length}
      </span>
      <ChevronDown className="size-3.5 text-muted" aria-hidden />
    </button>
  )
}
