// The terminals of this window: a strip of tabs, and below it the panes of the shown one. All panes lie beside each other
// in the page, placed by their tree, so that moving one, or showing another tab, draws no terminal anew.

import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { thisComputerQuery } from '../../api/this-computer.ts'
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
import { BroadcastBar } from './dialogs/broadcast-dialog.tsx'
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

/** @param place undefined while no page shows it: its terminals go on reading */
export default function TerminalDeck({ place }: { place: DeckLocation | undefined }) {
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
  return <LoadedDeck layout={layout} place={place} />
}

function LoadedDeck({ layout, place }: { layout: WindowLayout; place: DeckLocation | undefined }) {
  const tabs = filterTabs(layout, place?.workspaceId)
  const shown = place && tabs.find(({ id }) => id === layout.active_tab)
  const workspaces = usePaneWorkspaces(listAllPanes(layout).map(({ workspace_id }) => workspace_id))
  const { data: computer } = useQuery(thisComputerQuery)
  const open = useMountedTabs(layout, shown)
  const act = useDeckActions()
  useActiveTabInLocation(layout, tabs, place)
  useFocusActivePane(shown, place)
  useDeckShortcuts(act, place)
  useClearActivity(shown)
  const tellEnd = useCompletionNotices(shown)
  const placed = usePlacedPanes(layout, shown)
  useEffect(() => pruneClosedPanes(layout), [layout])

  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col bg-background">
      {tabs.length > 0 && (
        <TabStrip
          tabs={tabs}
          layout={layout}
          workspaces={workspaces}
          isDrawer={place?.kind === 'drawer'}
          onAction={act}
        />
      )}
      <BroadcastBar workspaces={workspaces} />
      {/* Without a tab to show, the panes of the others still read behind it. */}
      {!shown && tabs.length === 0 && <NoTerminals place={place} />}
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
              onCommandEnd={(command) => tellEnd(pane, workspaces.get(pane.workspace_id)?.name ?? '', command)}
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

/** Every pane with its place. Ordered by session and not by place: an element that moves in the page loses the keyboard. */
function usePlacedPanes(layout: WindowLayout, shown: Tab | undefined): PlacedPane[] {
  const isPhone = useMedia(phone)
  const aloneSession = useStore(maximizedSession)
  return layout.tabs
    .flatMap((tab) => {
      const rects = computeRects(tab.root)
      const single = isPhone || aloneSession === tab.active_pane
      return listPanes(tab.root).map((pane): PlacedPane => {
        const isFront = !single || pane.session_id === tab.active_pane
        const isWhole = isPhone || (single && isFront)
        const rect = isWhole ? whole : (rects.get(pane.session_id) ?? whole)
        return { pane, tab, rect, isVisible: tab.id === shown?.id && isFront }
      })
    })
    .sort((a, b) => a.pane.session_id.localeCompare(b.pane.session_id))
}

// A terminal that is not looked at still reads and keeps its screen. These many are cheap; older tabs are opened again
// when they are looked at.
const maxMountedPanes = 24
// Tabs that are not looked at are opened after the one that is has drawn.
const backgroundMountDelayMs = 2_000

/** Ids of the tabs whose terminals are open: those shown last, then the others. */
function useMountedTabs(layout: WindowLayout, shown: Tab | undefined): ReadonlySet<string> {
  const recent = useRef<string[]>([])
  const [areOthersDue, setOthersDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setOthersDue(true), backgroundMountDelayMs)
    return () => clearTimeout(timer)
  }, [])
  if (shown && recent.current[0] !== shown.id)
    recent.current = [shown.id, ...recent.current.filter((id) => id !== shown.id)]
  const seen = recent.current.flatMap((id) => layout.tabs.find((tab) => tab.id === id) ?? [])
  const others = areOthersDue ? layout.tabs.filter((tab) => !seen.includes(tab)) : []
  const open = new Set<string>()
  let panes = 0
  for (const tab of [...seen, ...others]) {
    panes += listPanes(tab.root).length
    if (panes > maxMountedPanes && tab !== shown) break
    open.add(tab.id)
  }
  return open
}

/** Where only the tabs of a workspace are shown, one of them is the active one. */
function useActiveTabInLocation(layout: WindowLayout, tabs: readonly Tab[], place: DeckLocation | undefined): void {
  const isActiveHere = tabs.some(({ id }) => id === layout.active_tab)
  const last = tabs.at(-1)?.id
  useEffect(() => {
    if (place && !isActiveHere && last) changeLayout((before) => activateTab(before, last))
  }, [place, isActiveHere, last])
}

/** The keyboard goes to the active pane when that changes, and when the deck appears. */
function useFocusActivePane(shown: Tab | undefined, place: DeckLocation | undefined): void {
  const session = shown?.active_pane
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is another reason
  useEffect(() => {
    const isElsewhere = document.activeElement?.closest('[role="dialog"],[role="menu"]')
    if (session) recordFocus(session)
    if (session && !isElsewhere) focusActivePane()
  }, [session, shown?.id, place])
}

/** Our keys, where they are pressed beside the terminals and not in one. */
function useDeckShortcuts(act: (action: TerminalAction) => boolean, place: DeckLocation | undefined): void {
  const current = useRef(act)
  current.current = act
  useEffect(() => {
    if (!place) return
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target)) return
      if (event.target instanceof Element && event.target.closest('[role="dialog"],[role="menu"]')) return
      const action = matchAction(event)
      // These are heard on every page.
      if (!action || ['palette', 'drawer', 'switcher', 'history'].includes(action)) return
      if (current.current(action)) event.preventDefault()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [place])
}

/** What is looked at needs no mark any more. */
function useClearActivity(shown: Tab | undefined): void {
  useEffect(() => {
    const look = () => {
      if (!shown || document.hidden) return
      const visible = new Set(listPanes(shown.root).map(({ session_id }) => session_id))
      unseenActivity.change((known) =>
        [...known.keys()].some((id) => visible.has(id))
          ? new Map([...known].filter(([id]) => !visible.has(id)))
          : known,
      )
    }
    look()
    document.addEventListener('visibilitychange', look)
    addEventListener('focus', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      removeEventListener('focus', look)
    }
  }, [shown])
}

/** Panes that have gone say nothing any more and are not typed into; with one left there is nothing to do together. */
function pruneClosedPanes(layout: WindowLayout): void {
  const there = new Set(listAllPanes(layout).map(({ session_id }) => session_id))
  for (const session of paneStatuses.get().keys()) if (!there.has(session)) setPaneStatus(session, undefined)
  broadcastSessions.change((together) => {
    const left = [...together].filter((id) => there.has(id))
    if (left.length === together.size) return together
    return new Set(left.length > 1 ? left : [])
  })
}
