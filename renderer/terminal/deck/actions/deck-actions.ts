// Actions of the deck, run by shortcuts, buttons and palette entries; named in terminal-actions.ts.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { desktop } from '../../../desktop.ts'
import { notify } from '../../../notices.ts'
import { openPalette } from '../../../palette-state.ts'
import { canOpenTerminal, listTerminalTargets, type TerminalTarget } from '../../../workspace/workspace-state.ts'
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
  currentDialog,
  initialFolders,
  isDrawerOpen,
  maximizedSession,
  paneHandles,
  paneStatuses,
} from '../state/deck-state.ts'
import { useClosePanes } from './close-panes.ts'

/** A pane with a new session in this workspace. */
export const createPaneFor = ({ workspace, agent }: Pick<TerminalTarget, 'workspace' | 'agent'>, profile = ''): Pane =>
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

/** Focuses the active pane of the layout. */
export function focusActivePane(): void {
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  if (pane) paneHandles.get(pane.session_id)?.focus()
}

/** Runs an action of the active pane. */
export function runInActivePane(action: TerminalAction): void {
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  const handle = pane && paneHandles.get(pane.session_id)
  handle?.focus()
  handle?.run(action)
}

/** The tabs with a terminal of the workspace; all tabs without one. */
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

// Smallest pane that a split may create, CSS pixels.
const minPane = { width: 160, height: 72 }

function hasRoom(sessionId: string, side: Side): boolean {
  const element = document.querySelector(`[data-pane="${CSS.escape(sessionId)}"]`)
  if (!element) return true
  const { width, height } = element.getBoundingClientRect()
  return side === 'left' || side === 'right' ? width >= 2 * minPane.width : height >= 2 * minPane.height
}

/** Splits the active pane.
 *  @param other the new pane; by default one more session in the same workspace and folder */
export function splitActive(side: Side, other?: Pane): void {
  const layout = currentLayout()
  const pane = layout && getActivePane(layout)
  if (!pane) return
  if (!hasRoom(pane.session_id, side)) {
    notify('The pane is too small to split', 'Enlarge the pane or the window, or open a new tab.')
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
  else currentDialog.set({ kind: 'broadcast' })
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

/** A tab with only this pane. */
export const wrapInTab = (pane: Pane): Tab => ({
  id: randomUuid(),
  title: '',
  root: pane,
  active_pane: pane.session_id,
})

/** Moves a tab to a new window; it leaves this one when the new window has received it. */
export function moveToNewWindow(tab: Tab): void {
  const query = new URLSearchParams({ tab: startTabTransfer(tab), window: 'new' })
  // Without an opener the new window has its own session storage, and so its own window id.
  window.open(`/terminals?${query}`, '_blank', desktop ? 'popup' : 'noopener')
}

/** Shows a pane, in a new tab if it has none. Goes to the Terminals page unless the current page shows the pane. */
export function useGoToPane() {
  const navigate = useNavigate()
  return (pane: Pane) => {
    changeLayout((layout) =>
      findTab(layout, pane.session_id) ? activatePane(layout, pane.session_id) : showPane(pane)(layout),
    )
    const location = getDeckLocation()
    const isShownHere = location && (!location.workspaceId || location.workspaceId === pane.workspace_id)
    if (!isShownHere) void navigate({ to: '/terminals' })
  }
}

/** Shows a running session. */
export function useShowSession() {
  const goToPane = useGoToPane()
  return ({ workspace, agent, session }: OpenTerminal) => goToPane(createPane(workspace.id, agent.name, session.id))
}

/** The workspace for new terminals if no pane is active: the running one that was used last. */
export function useDefaultWorkspace(): Workspace | undefined {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const running = workspaces.filter(canOpenTerminal)
  return [...running].sort((a, b) => b.last_used_at.localeCompare(a.last_used_at))[0]
}

/** Returns a function that runs an action of the deck, and returns whether the deck has it. */
export function useDeckActions(): (action: TerminalAction) => boolean {
  const cache = useQueryClient()
  const defaultWorkspace = useDefaultWorkspace()
  const close = useClosePanes()

  const openNewTab = () => {
    const layout = currentLayout()
    const location = getDeckLocation()
    const active = layout && getActivePane(layout)
    const isHere = active && (!location?.workspaceId || location.workspaceId === active.workspace_id)
    if (isHere) return changeLayout(showPane({ ...active, session_id: randomUuid(), title: '' }))
    const own = cache.getQueryData(workspacesQuery.queryKey)?.find(({ id }) => id === location?.workspaceId)
    const [first] = listTerminalTargets([own ?? defaultWorkspace ?? []].flat())
    if (first) changeLayout(showPane(createPaneFor(first)))
    else notify('No workspace is running', 'Start a workspace or create one to open a terminal.')
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
    switcher: () => currentDialog.set({ kind: 'switcher' }),
    history: () => currentDialog.set({ kind: 'history' }),
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
