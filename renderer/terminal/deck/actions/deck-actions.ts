// What the keys, buttons and palette entries around terminals do, by the names of terminal-actions.ts.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { desktop } from '../../../desktop.ts'
import { notify } from '../../../notices.ts'
import { openPalette } from '../../../palette-state.ts'
import { mayOpenTerminal, type TerminalPlace, terminalPlaces } from '../../../workspace/workspace-state.ts'
import type { TerminalAction } from '../../keys/terminal-actions.ts'
import { changeLayout, currentLayout } from '../../layout/current-layout.ts'
import { startTabTransfer } from '../../layout/tab-transfer.ts'
import { listPanes, type Pane, type Side } from '../../layout/tree.ts'
import {
  activatePane,
  activateTab,
  arrangeTabAsGrid,
  equalizeTab,
  findTab,
  focusAdjacentPane,
  getActivePane,
  getActiveTab,
  movePaneToTab,
  openBeside,
  openTab,
  type Tab,
  type WindowLayout,
} from '../../layout/window-layout.ts'
import type { OpenTerminal } from '../../open-terminals.ts'
import { randomUuid } from '../../random-uuid.ts'
import { getDeckLocation } from '../state/deck-location.tsx'
import {
  broadcastSessions,
  initialFolders,
  isDrawerOpen,
  maximizedSession,
  openDialog,
  paneHandles,
  paneStatuses,
} from '../state/deck-state.ts'
import { useClosePanes } from './close-panes.ts'

/** A pane for a session that does not exist yet. */
export const createPaneFor = ({ workspace, agent }: Pick<TerminalPlace, 'workspace' | 'agent'>, profile = ''): Pane =>
  createPane(workspace.id, agent.name, randomUuid(), profile)

export const createPane = (workspaceId: string, agentName: string, sessionId: string, profile = ''): Pane => ({
  kind: 'pane',
  session_id: sessionId,
  workspace_id: workspaceId,
  agent_name: agentName,
  profile,
  title: '',
})

export const showPane = (pane: Pane) => (layout: WindowLayout) => openTab(layout, randomUuid(), pane)

/** Gives the keyboard to the pane that has it in the layout. */
export function focusActivePane(): void {
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  if (pane) paneHandles.get(pane.session_id)?.focus()
}

/** Does in the active pane what one of its keys does there. */
export function runInActivePane(action: TerminalAction): void {
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  const handle = pane && paneHandles.get(pane.session_id)
  handle?.focus()
  handle?.run(action)
}

/** Tabs that are shown where the deck stands. */
export function filterTabs(layout: WindowLayout, workspaceId: string | undefined): WindowLayout['tabs'] {
  if (!workspaceId) return layout.tabs
  return layout.tabs.filter(({ root }) => listPanes(root).some((pane) => pane.workspace_id === workspaceId))
}

function cycleTab(step: number): void {
  changeLayout((layout) => {
    const tabs = filterTabs(layout, getDeckLocation()?.workspaceId)
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
  const pane = layout && getActivePane(layout)
  if (!pane) return
  if (!hasRoom(pane.session_id, side)) {
    notify('There is no room for another pane here', 'Make the pane or the window larger, or open a tab.')
    return
  }
  maximizedSession.set(undefined)
  const added = other ?? { ...pane, session_id: randomUuid(), title: '' }
  const folder = other ? undefined : paneStatuses.get().get(pane.session_id)?.cwd
  if (folder?.startsWith('/')) initialFolders.set(added.session_id, folder)
  changeLayout((before) => openBeside(before, pane.session_id, side, added))
}

function toggleMaximized(): void {
  const layout = currentLayout()
  const tab = layout && getActiveTab(layout)
  if (tab) maximizedSession.set(maximizedSession.get() === tab.active_pane ? undefined : tab.active_pane)
}

function toggleBroadcast(): void {
  if (broadcastSessions.get().size > 0) broadcastSessions.set(new Set())
  else openDialog.set({ kind: 'broadcast' })
}

function moveFocus(side: Side): void {
  maximizedSession.set(undefined)
  changeLayout((layout) => focusAdjacentPane(layout, side))
  focusActivePane()
}

const inActiveTab = (change: (layout: WindowLayout, tabId: string) => WindowLayout) => () => {
  maximizedSession.set(undefined)
  changeLayout((layout) => change(layout, layout.active_tab))
}

export const arrangeGrid = inActiveTab(arrangeTabAsGrid)
export const equalizePanes = inActiveTab(equalizeTab)

export function movePaneToOwnTab(sessionId: string): void {
  changeLayout((layout) => movePaneToTab(layout, sessionId, randomUuid(), layout.tabs.length))
}

/** A pane alone as the tab that it would be. */
export const wrapInTab = (pane: Pane): Tab => ({
  id: randomUuid(),
  title: '',
  root: pane,
  active_pane: pane.session_id,
})

/** Opens the tab in a window of its own, which takes it out of this one when it has it. */
export function moveToNewWindow(tab: Tab): void {
  const query = new URLSearchParams({ tab: startTabTransfer(tab), window: 'new' })
  // Without an opener: the new window is to have a history and an id of its own.
  window.open(`/terminals?${query}`, '_blank', desktop ? 'popup' : 'noopener')
}

/** Shows a pane, on the page about terminals unless the deck is there where one is. One without a tab gets its own. */
export function useGoToPane() {
  const navigate = useNavigate()
  return (pane: Pane) => {
    changeLayout((layout) =>
      findTab(layout, pane.session_id) ? activatePane(layout, pane.session_id) : showPane(pane)(layout),
    )
    const place = getDeckLocation()
    const isShownThere = place && (!place.workspaceId || place.workspaceId === pane.workspace_id)
    if (!isShownThere) void navigate({ to: '/terminals' })
  }
}

/** Shows a session that an agent holds. */
export function useShowSession() {
  const goTo = useGoToPane()
  return ({ workspace, agent, session }: OpenTerminal) => goTo(createPane(workspace.id, agent.name, session.id))
}

/** Where a new terminal opens when nobody says where: beside what one looks at, else in what was used last. */
export function useDefaultWorkspace(): Workspace | undefined {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const running = workspaces.filter(mayOpenTerminal)
  return [...running].sort((a, b) => b.last_used_at.localeCompare(a.last_used_at))[0]
}

/** Does an action of the page around the panes. Says whether it is one of them. */
export function useDeckActions(): (action: TerminalAction) => boolean {
  const cache = useQueryClient()
  const usual = useDefaultWorkspace()
  const close = useClosePanes()

  const openNewTab = () => {
    const layout = currentLayout()
    const place = getDeckLocation()
    const active = layout && getActivePane(layout)
    const isHere = active && (!place?.workspaceId || place.workspaceId === active.workspace_id)
    if (isHere) return changeLayout(showPane({ ...active, session_id: randomUuid(), title: '' }))
    const own = cache.getQueryData(workspacesQuery.queryKey)?.find(({ id }) => id === place?.workspaceId)
    const [first] = terminalPlaces([own ?? usual ?? []].flat())
    if (first) changeLayout(showPane(createPaneFor(first)))
    else notify('No workspace runs', 'Terminals live in workspaces: start one, or make a new one.')
  }

  const actions: Partial<Record<TerminalAction, () => void>> = {
    newTab: openNewTab,
    splitRight: () => splitActive('right'),
    splitDown: () => splitActive('down'),
    closePane() {
      const layout = currentLayout()
      const pane = layout && getActivePane(layout)
      if (pane) close([pane.session_id])
    },
    focusLeft: () => moveFocus('left'),
    focusRight: () => moveFocus('right'),
    focusUp: () => moveFocus('up'),
    focusDown: () => moveFocus('down'),
    nextTab: () => cycleTab(1),
    previousTab: () => cycleTab(-1),
    zoomPane: toggleMaximized,
    broadcast: toggleBroadcast,
    switcher: () => openDialog.set({ kind: 'switcher' }),
    history: () => openDialog.set({ kind: 'history' }),
    palette: openPalette,
    drawer() {
      if (getDeckLocation()?.kind === 'page') return focusActivePane()
      isDrawerOpen.change((isOpen) => !isOpen)
    },
  }
  return (action) => {
    const run = actions[action]
    run?.()
    return run !== undefined
  }
}
