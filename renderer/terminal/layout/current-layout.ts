// The terminal layout of this window, in memory. layout-storage.ts loads and saves it.

import { createStore, useStore } from '../../store.ts'
import { registerSessions } from '../session-registry.ts'
import { claimWindow, discardUnsaved, saveWindow } from './layout-storage.ts'
import { announceMovedSessions, onSessionsMoved } from './window-channel.ts'
import { adoptTab, closePane, listAllPanes, type Tab, type WindowLayout } from './window-layout.ts'

/** Undefined until it is loaded. */
const current = createStore<WindowLayout | undefined>(undefined)

let isRequested = false
let pendingChanges: ((layout: WindowLayout) => WindowLayout)[] = []

/** Loads the layout on the first call. */
export function loadLayout(): void {
  if (isRequested) return
  isRequested = true
  void claimWindow().then((claimed) => {
    if (!isRequested) return
    registerSessions(listAllPanes(claimed).map(({ session_id }) => session_id))
    const layout = pendingChanges.reduce((next, change) => change(next), claimed)
    pendingChanges = []
    current.set(layout)
    if (layout !== claimed) saveWindow(layout)
  })
}

onSessionsMoved(({ sessions }) => {
  if (current.get()) changeLayout((layout) => sessions.reduce(closePane, layout))
})

/** Clears everything at sign-out. */
export function clearLayout(): void {
  isRequested = false
  pendingChanges = []
  current.set(undefined)
  discardUnsaved()
}

/** Applies a change and saves the layout; waits until the layout is loaded. */
export function changeLayout(change: (layout: WindowLayout) => WindowLayout): void {
  loadLayout()
  const before = current.get()
  if (!before) {
    pendingChanges.push(change)
    return
  }
  const next = change(before)
  if (next === before) return
  current.set(next)
  saveWindow(next)
}

/** Moves sessions from another window into this one; the other window closes their panes. */
export function adoptFromOtherWindow(
  change: (layout: WindowLayout) => WindowLayout,
  sessions: readonly string[],
): void {
  changeLayout(change)
  announceMovedSessions({ sessions })
}

/** Opens the tabs of a saved layout. Sessions that are already open move into it. */
export function openTabs(tabs: readonly Tab[]): void {
  const [first] = tabs
  if (!first) return
  changeLayout((layout) => {
    const sessions = listAllPanes({ tabs, active_tab: '' }).map(({ session_id }) => session_id)
    const without = sessions.reduce(closePane, layout)
    const opened = tabs.reduce((next, tab) => adoptTab(next, tab), without)
    return { ...opened, active_tab: first.id }
  })
}

export const currentLayout = (): WindowLayout | undefined => current.get()
export const useLayout = (): WindowLayout | undefined => useStore(current)
