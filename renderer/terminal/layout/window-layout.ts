// The tabs of one window, as pure functions from one layout to the next. Every function keeps each session in the layout
// exactly once, until its pane is closed or moved to another window.

import { maxLayoutDepth } from '../../../api/agents/terminals.ts'
import { findAdjacentPane } from './geometry.ts'
import {
  createGrid,
  createSplit,
  equalizeSizes,
  findPane,
  getDepth,
  insertBeside,
  listPanes,
  mapPanes,
  moveDivider,
  type Pane,
  removePane,
  type Side,
  swapPanes,
  type Tree,
} from './tree.ts'

export interface Tab {
  readonly id: string
  /** Set by the user; empty for the title of the active pane. */
  readonly title: string
  readonly root: Tree
  /** Session of the pane that has the focus while the tab is active. */
  readonly active_pane: string
}

export interface WindowLayout {
  readonly tabs: readonly Tab[]
  /** Id of the visible tab; empty without tabs. */
  readonly active_tab: string
}

export const emptyWindow: WindowLayout = { tabs: [], active_tab: '' }

export const getActiveTab = ({ tabs, active_tab }: WindowLayout): Tab | undefined =>
  tabs.find(({ id }) => id === active_tab)

export function getActivePane(layout: WindowLayout): Pane | undefined {
  const tab = getActiveTab(layout)
  return tab && findPane(tab.root, tab.active_pane)
}

export const findTab = ({ tabs }: WindowLayout, sessionId: string): Tab | undefined =>
  tabs.find(({ root }) => findPane(root, sessionId))

export const listAllPanes = ({ tabs }: WindowLayout): Pane[] => tabs.flatMap(({ root }) => listPanes(root))

const changeTab = (layout: WindowLayout, id: string, change: (tab: Tab) => Tab): WindowLayout => ({
  ...layout,
  tabs: layout.tabs.map((tab) => (tab.id === id ? change(tab) : tab)),
})

const changeTree = (layout: WindowLayout, id: string, change: (tree: Tree) => Tree): WindowLayout =>
  changeTab(layout, id, (tab) => ({ ...tab, root: change(tab.root) }))

export function activateTab(layout: WindowLayout, id: string): WindowLayout {
  return layout.tabs.some((tab) => tab.id === id) ? { ...layout, active_tab: id } : layout
}

/** Shows a pane and focuses it. */
export function activatePane(layout: WindowLayout, sessionId: string): WindowLayout {
  const tab = findTab(layout, sessionId)
  if (!tab) return layout
  if (tab.id === layout.active_tab && tab.active_pane === sessionId) return layout
  return { ...changeTab(layout, tab.id, (before) => ({ ...before, active_pane: sessionId })), active_tab: tab.id }
}

/** Rearranges splits that are too deep for coderd to store as a grid; their panes would be too small anyway. */
const limitDepth = (tree: Tree): Tree =>
  getDepth(tree) < maxLayoutDepth ? tree : (createGrid(listPanes(tree)) ?? tree)

/** Opens the pane in a new tab, at `index` or at the end. Activates its existing pane if the session is already open. */
export function openTab(layout: WindowLayout, tabId: string, pane: Pane, index = layout.tabs.length): WindowLayout {
  if (findTab(layout, pane.session_id)) return activatePane(layout, pane.session_id)
  const tab: Tab = { id: tabId, title: '', root: pane, active_pane: pane.session_id }
  return { tabs: layout.tabs.toSpliced(index, 0, tab), active_tab: tabId }
}

/** Opens the pane beside another one. Moves its existing pane if the session is already open. */
export function openBeside(layout: WindowLayout, besideSession: string, side: Side, pane: Pane): WindowLayout {
  if (pane.session_id === besideSession) return layout
  const target = findTab(layout, besideSession)
  if (!target) return layout
  const existingTab = findTab(layout, pane.session_id)
  const placed = existingTab ? (findPane(existingTab.root, pane.session_id) ?? pane) : pane
  const without = existingTab ? closePane(layout, pane.session_id) : layout
  const inserted = changeTree(without, target.id, (tree) => limitDepth(insertBeside(tree, besideSession, side, placed)))
  return activatePane(inserted, pane.session_id)
}

/** Removes a pane. Its neighbor takes its area and the focus; an empty tab is closed. */
export function closePane(layout: WindowLayout, sessionId: string): WindowLayout {
  const tab = findTab(layout, sessionId)
  if (!tab) return layout
  const root = removePane(tab.root, sessionId)
  if (!root) return closeTab(layout, tab.id)
  const successor = tab.active_pane === sessionId ? findSuccessor(tab.root, sessionId) : tab.active_pane
  return changeTab(layout, tab.id, (before) => ({ ...before, root, active_pane: successor }))
}

/** The pane that takes over the focus: an adjacent one, otherwise any other. */
function findSuccessor(tree: Tree, sessionId: string): string {
  const sides = ['left', 'up', 'right', 'down'] as const
  const beside = sides.map((side) => findAdjacentPane(tree, sessionId, side)).find((found) => found !== undefined)
  return beside ?? listPanes(tree).find(({ session_id }) => session_id !== sessionId)?.session_id ?? ''
}

export function closeTab(layout: WindowLayout, id: string): WindowLayout {
  const index = layout.tabs.findIndex((tab) => tab.id === id)
  if (index < 0) return layout
  const tabs = layout.tabs.toSpliced(index, 1)
  const successor = tabs[Math.min(index, tabs.length - 1)]
  return { tabs, active_tab: layout.active_tab === id ? (successor?.id ?? '') : layout.active_tab }
}

/** Moves a pane to a new tab at `index` of the current tabs. */
export function movePaneToTab(layout: WindowLayout, sessionId: string, tabId: string, index: number): WindowLayout {
  const from = findTab(layout, sessionId)
  const pane = from && findPane(from.root, sessionId)
  if (!pane) return layout
  if (listPanes(from.root).length === 1) return moveTab(layout, from.id, index)
  return openTab(closePane(layout, sessionId), tabId, pane, index)
}

/** Moves all panes of a tab beside a pane of another tab, keeping their arrangement. */
export function mergeTab(layout: WindowLayout, id: string, besideSession: string, side: Side): WindowLayout {
  const tab = layout.tabs.find((candidate) => candidate.id === id)
  const target = findTab(layout, besideSession)
  if (!tab || !target || target.id === id) return layout
  const direction = side === 'left' || side === 'right' ? 'row' : 'column'
  const isBefore = side === 'left' || side === 'up'
  const merged = changeTree(closeTab(layout, id), target.id, (tree) => {
    const place = (pane: Pane) =>
      pane.session_id === besideSession ? createSplit(direction, isBefore ? [tab.root, pane] : [pane, tab.root]) : pane
    return limitDepth(mapPanes(tree, place) ?? tree)
  })
  return activatePane(merged, tab.active_pane)
}

/** Moves a tab before the one currently at `index`. */
export function moveTab(layout: WindowLayout, id: string, index: number): WindowLayout {
  const from = layout.tabs.findIndex((tab) => tab.id === id)
  const tab = layout.tabs[from]
  if (!tab) return layout
  const to = index > from ? index - 1 : index
  return { ...layout, tabs: layout.tabs.toSpliced(from, 1).toSpliced(to, 0, tab) }
}

/** Adds a tab of another window, without the sessions that are already open here. */
export function adoptTab(layout: WindowLayout, tab: Tab, index = layout.tabs.length): WindowLayout {
  const root = mapPanes(tab.root, (pane) => (findTab(layout, pane.session_id) ? undefined : pane))
  const [first] = root ? listPanes(root) : []
  if (!root || !first) return activatePane(layout, tab.active_pane)
  const active = findPane(root, tab.active_pane) ? tab.active_pane : first.session_id
  return { tabs: layout.tabs.toSpliced(index, 0, { ...tab, root, active_pane: active }), active_tab: tab.id }
}

export const renameTab = (layout: WindowLayout, id: string, title: string): WindowLayout =>
  changeTab(layout, id, (tab) => ({ ...tab, title }))

/** Activates the tab `step` positions further, with wrap-around. */
export function cycleTabs(layout: WindowLayout, step: number): WindowLayout {
  const { tabs } = layout
  const index = tabs.findIndex(({ id }) => id === layout.active_tab)
  const next = tabs[(index + step + tabs.length) % tabs.length]
  return next ? activateTab(layout, next.id) : layout
}

/** Focuses the pane on that side of the active one. */
export function focusAdjacentPane(layout: WindowLayout, side: Side): WindowLayout {
  const tab = getActiveTab(layout)
  const beside = tab && findAdjacentPane(tab.root, tab.active_pane, side)
  return beside ? activatePane(layout, beside) : layout
}

/** Swaps two panes of the same or of different tabs. */
export function swapPanePositions(layout: WindowLayout, sessionId: string, otherId: string): WindowLayout {
  const pane = listAllPanes(layout).find(({ session_id }) => session_id === sessionId)
  const other = listAllPanes(layout).find(({ session_id }) => session_id === otherId)
  if (!pane || !other || pane === other) return layout
  const activeAfter = (tab: Tab) => {
    if (findTab(layout, sessionId) === findTab(layout, otherId)) return tab.active_pane
    return tab.active_pane === sessionId ? otherId : tab.active_pane === otherId ? sessionId : tab.active_pane
  }
  const tabs = layout.tabs.map((tab) => ({
    ...tab,
    root: swapPanes(tab.root, pane, other),
    active_pane: activeAfter(tab),
  }))
  return { ...layout, tabs }
}

/** Replaces the session of a pane. */
export function replaceSession(layout: WindowLayout, sessionId: string, nextId: string): WindowLayout {
  if (sessionId === nextId || findTab(layout, nextId)) return layout
  const renamed = (pane: Pane): Pane => (pane.session_id === sessionId ? { ...pane, session_id: nextId } : pane)
  const tabs = layout.tabs.map((tab) => ({
    ...tab,
    root: mapPanes(tab.root, renamed) ?? tab.root,
    active_pane: tab.active_pane === sessionId ? nextId : tab.active_pane,
  }))
  return { ...layout, tabs }
}

export const resizeSplit = (
  layout: WindowLayout,
  tabId: string,
  path: readonly number[],
  index: number,
  by: number,
): WindowLayout => changeTree(layout, tabId, (tree) => moveDivider(tree, path, index, by))

export const equalizeTab = (layout: WindowLayout, tabId: string): WindowLayout =>
  changeTree(layout, tabId, equalizeSizes)

export const arrangeTabAsGrid = (layout: WindowLayout, tabId: string): WindowLayout =>
  changeTree(layout, tabId, (tree) => createGrid(listPanes(tree)) ?? tree)
