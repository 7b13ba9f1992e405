// The terminal deck: the tab strip and the panes of the active tab. All panes are siblings in the page and positioned by the
// tree of their tab, so that moving a pane or changing tabs mounts no terminal again.

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { thisComputerQuery } from '../../api/local.ts'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { isTyping } from '../../keys.ts'
import { phone, useMedia } from '../../media.ts'
import { useStore } from '../../store.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import { matchAction } from '../keys/terminal-keys.ts'
import { changeLayout, useLayout } from '../layout/current-layout.ts'
import { computeDividers, computeRects, type Rect } from '../layout/geometry.ts'
import { listPanes, type Pane } from '../layout/tree.ts'
import { activateTab, listAllPanes, type Tab, type WindowLayout } from '../layout/window-layout.ts'
import { recordBell, useCompletionNotices } from './actions/completion-notices.ts'
import { filterTabs, focusActivePane, useDeckActions } from './actions/deck-actions.ts'
import { BroadcastBar } from './broadcast-bar.tsx'
import { NoTerminals } from './no-terminals.tsx'
import { DeckPane } from './panes/deck-pane.tsx'
import { Dividers } from './panes/dividers.tsx'
import type { DeckLocation } from './state/deck-location.tsx'
import {
  broadcastSessions,
  maximizedSession,
  paneStatuses,
  recordFocus,
  setPaneStatus,
  unseenActivity,
} from './state/deck-state.ts'
import { usePaneWorkspaces } from './state/pane-workspaces.ts'
import { TabStrip } from './tabs/tab-strip.tsx'

const whole: Rect = { x: 0, y: 0, width: 1, height: 1 }

/** @param location undefined while no page shows the deck; its terminals still read output */
export default function TerminalDeck({ location }: { location: DeckLocation | undefined }) {
  const layout = useLayout()
  if (!layout) {
    return (
      <div className="min-w-0 flex-1 bg-background">
        <Delayed>
          <Skeleton className="m-6 h-64 rounded-card" />
        </Delayed>
      </div>
    )
  }
  return <LoadedDeck layout={layout} location={location} />
}

function LoadedDeck({ layout, location }: { layout: WindowLayout; location: DeckLocation | undefined }) {
  const tabs = filterTabs(layout, location?.workspaceId)
  const shown = location && tabs.find(({ id }) => id === layout.active_tab)
  const workspaces = usePaneWorkspaces(listAllPanes(layout).map(({ workspace_id }) => workspace_id))
  const { data: computer } = useQuery(thisComputerQuery)
  const open = useMountedTabs(layout, shown)
  const act = useDeckActions()
  useActiveTabInLocation(layout, tabs, location)
  useFocusActivePane(shown, location)
  useDeckShortcuts(act, location)
  useClearActivity(shown)
  const notifyCompletion = useCompletionNotices(shown)
  const placed = usePlacedPanes(layout, shown)
  useEffect(() => pruneClosedPanes(layout), [layout])

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-background">
      {tabs.length > 0 && (
        <TabStrip
          tabs={tabs}
          layout={layout}
          workspaces={workspaces}
          isDrawer={location?.kind === 'drawer'}
          onAction={act}
        />
      )}
      <BroadcastBar workspaces={workspaces} />
      {/* Hidden panes stay mounted and read output. */}
      {!shown && tabs.length === 0 && <NoTerminals location={location} />}
      <div className={shown ? 'relative min-h-0 flex-1 overflow-clip bg-line' : 'hidden'}>
        {placed
          .filter(({ tab }) => open.has(tab.id))
          .map(({ pane, tab, rect, isVisible }) => (
            <DeckPane
              key={pane.session_id}
              pane={pane}
              rect={rect}
              isVisible={isVisible}
              isActive={shown?.id === tab.id && tab.active_pane === pane.session_id}
              hasOthers={listPanes(tab.root).length > 1}
              workspace={workspaces.get(pane.workspace_id)}
              home={computer?.home}
              onAction={act}
              onBell={() => recordBell(shown, pane)}
              onCommandEnd={(command) => notifyCompletion(pane, workspaces.get(pane.workspace_id)?.name ?? '', command)}
            />
          ))}
        {shown && placed.some(({ isVisible, rect }) => isVisible && rect !== whole) && (
          <Dividers tabId={shown.id} dividers={computeDividers(shown.root)} />
        )}
      </div>
    </div>
  )
}

interface PlacedPane {
  readonly pane: Pane
  readonly tab: Tab
  readonly rect: Rect
  readonly isVisible: boolean
}

/** All panes with their positions. Sorted by session, because an element that moves in the DOM loses the focus. */
function usePlacedPanes(layout: WindowLayout, shown: Tab | undefined): PlacedPane[] {
  const isPhone = useMedia(phone)
  const maximized = useStore(maximizedSession)
  return layout.tabs
    .flatMap((tab) => {
      const rects = computeRects(tab.root)
      const single = isPhone || maximized === tab.active_pane
      return listPanes(tab.root).map((pane): PlacedPane => {
        const isFront = !single || pane.session_id === tab.active_pane
        const isWhole = isPhone || (single && isFront)
        const rect = isWhole ? whole : (rects.get(pane.session_id) ?? whole)
        return { pane, tab, rect, isVisible: tab.id === shown?.id && isFront }
      })
    })
    .sort((a, b) => a.pane.session_id.localeCompare(b.pane.session_id))
}

// Hidden terminals stay mounted and read output, which is cheap up to this number. Tabs used less recently are mounted again
// when they are shown.
const maxMountedPanes = 24
// Hidden tabs are mounted after the visible one has drawn.
const backgroundMountDelayMs = 2_000

/** Ids of the tabs whose terminals are mounted: the most recently shown, then the others. */
function useMountedTabs(layout: WindowLayout, shown: Tab | undefined): ReadonlySet<string> {
  const recent = useRef<string[]>([])
  const [isBackgroundDue, setBackgroundDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setBackgroundDue(true), backgroundMountDelayMs)
    return () => clearTimeout(timer)
  }, [])
  if (shown && recent.current[0] !== shown.id)
    recent.current = [shown.id, ...recent.current.filter((id) => id !== shown.id)]
  const seen = recent.current.flatMap((id) => layout.tabs.find((tab) => tab.id === id) ?? [])
  const others = isBackgroundDue ? layout.tabs.filter((tab) => !seen.includes(tab)) : []
  const open = new Set<string>()
  let panes = 0
  for (const tab of [...seen, ...others]) {
    panes += listPanes(tab.root).length
    if (panes > maxMountedPanes && tab !== shown) break
    open.add(tab.id)
  }
  return open
}

/** Activates a tab of the workspace if the location shows only that workspace. */
function useActiveTabInLocation(layout: WindowLayout, tabs: readonly Tab[], location: DeckLocation | undefined): void {
  const isActiveHere = tabs.some(({ id }) => id === layout.active_tab)
  const last = tabs.at(-1)?.id
  useEffect(() => {
    if (location && !isActiveHere && last) changeLayout((before) => activateTab(before, last))
  }, [location, isActiveHere, last])
}

/** Focuses the active pane when it changes and when the deck moves. */
function useFocusActivePane(shown: Tab | undefined, location: DeckLocation | undefined): void {
  const session = shown?.active_pane
  // biome-ignore lint/correctness/useExhaustiveDependencies: moving the deck also focuses the pane
  useEffect(() => {
    const isElsewhere = document.activeElement?.closest('[role="dialog"],[role="menu"]')
    if (session) recordFocus(session)
    if (session && !isElsewhere) focusActivePane()
  }, [session, shown?.id, location])
}

/** Handles shortcuts while the focus is outside a terminal. */
function useDeckShortcuts(act: (action: TerminalAction) => boolean, location: DeckLocation | undefined): void {
  const current = useRef(act)
  current.current = act
  useEffect(() => {
    if (!location) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target)) return
      if (event.target instanceof Element && event.target.closest('[role="dialog"],[role="menu"]')) return
      const action = matchAction(event)
      // Handled on every page by deck-host.tsx and the palette.
      if (!action || ['palette', 'drawer', 'switcher', 'history'].includes(action)) return
      if (current.current(action)) event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [location])
}

/** Clears the activity of visible terminals. */
function useClearActivity(shown: Tab | undefined): void {
  useEffect(() => {
    const clearVisible = () => {
      if (!shown || document.hidden) return
      const visible = new Set(listPanes(shown.root).map(({ session_id }) => session_id))
      unseenActivity.change((activities) =>
        [...activities.keys()].some((id) => visible.has(id))
          ? new Map([...activities].filter(([id]) => !visible.has(id)))
          : activities,
      )
    }
    clearVisible()
    document.addEventListener('visibilitychange', clearVisible)
    addEventListener('focus', clearVisible)
    return () => {
      document.removeEventListener('visibilitychange', clearVisible)
      removeEventListener('focus', clearVisible)
    }
  }, [shown])
}

/** Removes closed panes from the status and the broadcast group, which ends with fewer than two panes. */
function pruneClosedPanes(layout: WindowLayout): void {
  const present = new Set(listAllPanes(layout).map(({ session_id }) => session_id))
  for (const session of paneStatuses.get().keys()) if (!present.has(session)) setPaneStatus(session, undefined)
  broadcastSessions.change((sessions) => {
    const left = [...sessions].filter((id) => present.has(id))
    if (left.length === sessions.size) return sessions
    return new Set(left.length > 1 ? left : [])
  })
}
