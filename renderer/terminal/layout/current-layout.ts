// How terminals are arranged in this window, for as long as its page lives. stored-layouts.ts brings it and keeps it.

import { createStore, useStore } from '../../store.ts'
import { registerSessions } from '../session-registry.ts'
import { claimWindow, discardUnsaved, saveWindow } from './layout-storage.ts'
import { announceMovedSessions, onSessionsMoved } from './window-channel.ts'
import { adoptTab, closePane, listAllPanes, type Tab, type WindowLayout } from './window-layout.ts'

/** Undefined until it has been read. */
const own = createStore<WindowLayout | undefined>(undefined)

let isAsked = false
let waiting: ((layout: WindowLayout) => WindowLayout)[] = []

/** Reads the layout, once, however often it is asked for. */
export function loadLayout(): void {
  if (isAsked) return
  isAsked = true
  void claimWindow().then((claimed) => {
    if (!isAsked) return
    registerSessions(listAllPanes(claimed).map(({ session_id }) => session_id))
    const layout = waiting.reduce((next, change) => change(next), claimed)
    waiting = []
    own.set(layout)
    if (layout !== claimed) saveWindow(layout)
  })
}

onSessionsMoved(({ sessions }) => {
  if (own.get()) changeLayout((layout) => sessions.reduce(closePane, layout))
})

/** Nothing of it is left for whoever signs in next. */
export function clearLayout(): void {
  isAsked = false
  waiting = []
  own.set(undefined)
  discardUnsaved()
}

/** Does it at once, or as soon as the layout is there. */
export function changeLayout(change: (layout: WindowLayout) => WindowLayout): void {
  loadLayout()
  const before = own.get()
  if (!before) {
    waiting.push(change)
    return
  }
  const next = change(before)
  if (next === before) return
  own.set(next)
  saveWindow(next)
}

/** Takes a tab of another window in; over there its panes go, their sessions don't. */
export function adoptFromOtherWindow(
  change: (layout: WindowLayout) => WindowLayout,
  sessions: readonly string[],
): void {
  changeLayout(change)
  announceMovedSessions({ sessions })
}

/** Opens the tabs of a kept layout. Sessions that are open already leave their places for those of the layout. */
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

export const currentLayout = (): WindowLayout | undefined => own.get()
export const useLayout = (): WindowLayout | undefined => useStore(own)
