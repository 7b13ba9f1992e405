// What the keys, buttons and palette entries around terminals do, by the names of terminal-actions.ts.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Workspace } from '../../../api/workspaces.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { tell } from '../../components/notices.tsx'
import { desktop } from '../../desktop.ts'
import { openPalette } from '../../palette/palette-state.ts'
import { mayOpenTerminal, type TerminalPlace, terminalPlaces } from '../../workspace/workspace-state.ts'
import type { TerminalAction } from '../keys/terminal-actions.ts'
import { handOver } from '../layout/handed-over.ts'
import { changeLayout, currentLayout } from '../layout/own-layout.ts'
import { type Pane, panesOf, type Side } from '../layout/tree.ts'
import {
  activatePane,
  activateTab,
  activePane,
  activeTab,
  arrangeAsGrid,
  evenTab,
  focusBeside,
  movePaneToTab,
  openBeside,
  openTab,
  type Tab,
  tabOf,
  type WindowLayout,
} from '../layout/window-layout.ts'
import type { OpenTerminal } from '../open-terminals.ts'
import { newSessionId } from '../session-id.ts'
import { useClosing } from './closing.ts'
import { deckPlace } from './deck-place.tsx'
import { alone, firstFolders, handles, isDrawerOpen, openDialog, statuses, typedTogether } from './deck-state.ts'

/** A pane for a session that does not exist yet. */
export const newPane = ({ workspace, agent }: Pick<TerminalPlace, 'workspace' | 'agent'>, profile = ''): Pane =>
  paneOf(workspace.id, agent.name, newSessionId(), profile)

export const paneOf = (workspaceId: string, agentName: string, sessionId: string, profile = ''): Pane => ({
  kind: 'pane',
  session_id: sessionId,
  workspace_id: workspaceId,
  agent_name: agentName,
  profile,
  title: '',
})

export const showPane = (pane: Pane) => (layout: WindowLayout) => openTab(layout, newSessionId(), pane)

/** Gives the keyboard to the pane that has it in the layout. */
export function focusActivePane(): void {
  const layout = currentLayout()
  const pane = layout && activePane(layout)
  if (pane) handles.get(pane.session_id)?.focus()
}

/** Does in the active pane what one of its keys does there. */
export function runInActivePane(action: TerminalAction): void {
  const layout = currentLayout()
  const pane = layout && activePane(layout)
  const handle = pane && handles.get(pane.session_id)
  handle?.focus()
  handle?.run(action)
}

/** Tabs that are shown where the deck stands. */
export function tabsHere(layout: WindowLayout, workspaceId: string | undefined): WindowLayout['tabs'] {
  if (!workspaceId) return layout.tabs
  return layout.tabs.filter(({ root }) => panesOf(root).some((pane) => pane.workspace_id === workspaceId))
}

function cycle(step: number): void {
  changeLayout((layout) => {
    const tabs = tabsHere(layout, deckPlace()?.workspaceId)
    const index = tabs.findIndex(({ id }) => id === layout.active_tab)
    const next = tabs[(index + step + tabs.length) % tabs.length]
    return next ? activateTab(layout, next.id) : layout
  })
}

// A pane that is halved below this shows too little of anything.
const smallestPane = { width: 160, height: 72 }

function hasRoom(sessionId: string, side: Side): boolean {
  const element = document.querySelector(`[data-pane="${CSS.escape(sessionId)}"]`)
  if (!element) return true
  const { width, height } = element.getBoundingClientRect()
  return side === 'left' || side === 'right' ? width >= 2 * smallestPane.width : height >= 2 * smallestPane.height
}

/** Opens a pane beside the active one.
 *  @param other one of another workspace, instead of one more shell where that one is */
export function splitActive(side: Side, other?: Pane): void {
  const layout = currentLayout()
  const pane = layout && activePane(layout)
  if (!pane) return
  if (!hasRoom(pane.session_id, side)) {
    tell('There is no room for another pane here', 'Make the pane or the window larger, or open a tab.')
    return
  }
  alone.set(undefined)
  const added = other ?? { ...pane, session_id: newSessionId(), title: '' }
  const folder = other ? undefined : statuses.get().get(pane.session_id)?.cwd
  if (folder?.startsWith('/')) firstFolders.set(added.session_id, folder)
  changeLayout((before) => openBeside(before, pane.session_id, side, added))
}

function toggleAlone(): void {
  const layout = currentLayout()
  const tab = layout && activeTab(layout)
  if (tab) alone.set(alone.get() === tab.active_pane ? undefined : tab.active_pane)
}

function toggleBroadcast(): void {
  if (typedTogether.get().size > 0) typedTogether.set(new Set())
  else openDialog.set({ kind: 'broadcast' })
}

function move(side: Side): void {
  alone.set(undefined)
  changeLayout((layout) => focusBeside(layout, side))
  focusActivePane()
}

const inActiveTab = (change: (layout: WindowLayout, tabId: string) => WindowLayout) => () => {
  alone.set(undefined)
  changeLayout((layout) => change(layout, layout.active_tab))
}

export const arrangeGrid = inActiveTab(arrangeAsGrid)
export const arrangeEvenly = inActiveTab(evenTab)

export function movePaneToOwnTab(sessionId: string): void {
  changeLayout((layout) => movePaneToTab(layout, sessionId, newSessionId(), layout.tabs.length))
}

/** A pane alone as the tab that it would be. */
export const tabAround = (pane: Pane): Tab => ({
  id: newSessionId(),
  title: '',
  root: pane,
  active_pane: pane.session_id,
})

/** Opens the tab in a window of its own, which takes it out of this one when it has it. */
export function moveToNewWindow(tab: Tab): void {
  const query = new URLSearchParams({ tab: handOver(tab), window: 'new' })
  // Without an opener: the new window is to have a history and an id of its own.
  window.open(`/terminals?${query}`, '_blank', desktop ? 'popup' : 'noopener')
}

/** Shows a pane, on the page about terminals unless the deck is there where one is. One without a tab gets its own. */
export function useGoToPane() {
  const navigate = useNavigate()
  return (pane: Pane) => {
    changeLayout((layout) =>
      tabOf(layout, pane.session_id) ? activatePane(layout, pane.session_id) : showPane(pane)(layout),
    )
    const place = deckPlace()
    const isShownThere = place && (!place.workspaceId || place.workspaceId === pane.workspace_id)
    if (!isShownThere) void navigate({ to: '/terminals' })
  }
}

/** Shows a session that an agent holds. */
export function useShowSession() {
  const goTo = useGoToPane()
  return ({ workspace, agent, session }: OpenTerminal) => goTo(paneOf(workspace.id, agent.name, session.id))
}

/** Where a new terminal opens when nobody says where: beside what one looks at, else in what was used last. */
export function useUsualWorkspace(): Workspace | undefined {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const running = workspaces.filter(mayOpenTerminal)
  return [...running].sort((a, b) => b.last_used_at.localeCompare(a.last_used_at))[0]
}

/** Does an action of the page around the panes. Says whether it is one of them. */
export function useDeckActions(): (action: TerminalAction) => boolean {
  const cache = useQueryClient()
  const usual = useUsualWorkspace()
  const close = useClosing()

  const openNewTab = () => {
    const layout = currentLayout()
    const place = deckPlace()
    const active = layout && activePane(layout)
    const isHere = active && (!place?.workspaceId || place.workspaceId === active.workspace_id)
    if (isHere) return changeLayout(showPane({ ...active, session_id: newSessionId(), title: '' }))
    const own = cache.getQueryData(workspacesQuery.queryKey)?.find(({ id }) => id === place?.workspaceId)
    const [first] = terminalPlaces([own ?? usual ?? []].flat())
    if (first) changeLayout(showPane(newPane(first)))
    else tell('No workspace runs', 'Terminals live in workspaces: start one, or make a new one.')
  }

  const actions: Partial<Record<TerminalAction, () => void>> = {
    newTab: openNewTab,
    splitRight: () => splitActive('right'),
    splitDown: () => splitActive('down'),
    closePane() {
      const layout = currentLayout()
      const pane = layout && activePane(layout)
      if (pane) close([pane.session_id])
    },
    focusLeft: () => move('left'),
    focusRight: () => move('right'),
    focusUp: () => move('up'),
    focusDown: () => move('down'),
    nextTab: () => cycle(1),
    previousTab: () => cycle(-1),
    zoomPane: toggleAlone,
    broadcast: toggleBroadcast,
    switcher: () => openDialog.set({ kind: 'switcher' }),
    history: () => openDialog.set({ kind: 'history' }),
    palette: openPalette,
    drawer() {
      if (deckPlace()?.kind === 'page') return focusActivePane()
      isDrawerOpen.change((isOpen) => !isOpen)
    },
  }
  return (action) => {
    const run = actions[action]
    run?.()
    return run !== undefined
  }
}
