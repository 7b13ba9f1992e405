// What the deck of this window shows beside its layout, and keeps no longer than the page: where it stands, which dialog
// is open, which pane is alone, and which are typed into together.

import { createStore } from '../../../store.ts'
import type { PaneHandle, PaneStatus } from '../../pane/pane-types.ts'

export type DeckDialog =
  | { readonly kind: 'none' }
  | { readonly kind: 'switcher' }
  | { readonly kind: 'history' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'keep-layout' }
  | { readonly kind: 'rename-tab'; readonly tabId: string }
  /** Terminals that are about to be closed, of which some may have a program running. */
  | { readonly kind: 'close'; readonly sessions: readonly string[] }

export const openDialog = createStore<DeckDialog>({ kind: 'none' })
export const closeDialog = (): void => openDialog.set({ kind: 'none' })

/** Session of the pane that has its tab to itself; the others are behind it. */
export const maximizedSession = createStore<string | undefined>(undefined)

/** Sessions that get what is typed into any of them. */
export const broadcastSessions = createStore<ReadonlySet<string>>(new Set())

export const isDrawerOpen = createStore(false)

/** What has happened in a terminal where nobody looked; what matters most comes first. */
export const activityKinds = ['failed', 'rang', 'done'] as const
export type Activity = (typeof activityKinds)[number]

/** By session, until it is looked at. */
export const unseenActivity = createStore<ReadonlyMap<string, Activity>>(new Map())

/** A bell does not hide that a command failed. */
export function recordActivity(session: string, happened: Activity): void {
  unseenActivity.change((known) => {
    const before = known.get(session)
    if (before && activityKinds.indexOf(before) <= activityKinds.indexOf(happened)) return known
    return new Map(known).set(session, happened)
  })
}

/** Sessions in the order in which they were looked at, the last one first. */
export const recentSessions = createStore<readonly string[]>([])

export const recordFocus = (session: string): void =>
  recentSessions.change((recent) =>
    recent[0] === session ? recent : [session, ...recent.filter((other) => other !== session)],
  )

/** By session: what its pane last said of itself. */
export const paneStatuses = createStore<ReadonlyMap<string, PaneStatus>>(new Map())

export function setPaneStatus(sessionId: string, status: PaneStatus | undefined): void {
  paneStatuses.change((known) => {
    if (known.get(sessionId) === status) return known
    const next = new Map(known)
    if (status) next.set(sessionId, status)
    else next.delete(sessionId)
    return next
  })
}

/** Nothing of it is left for whoever signs in next. */
export function resetDeck(): void {
  closeDialog()
  maximizedSession.set(undefined)
  broadcastSessions.set(new Set())
  isDrawerOpen.set(false)
  unseenActivity.set(new Map())
  recentSessions.set([])
  paneStatuses.set(new Map())
  initialFolders.clear()
}

/** Where sessions begin that were split off from another one, by session: where that one was. */
export const initialFolders = new Map<string, string>()

/** The panes that are open on the page, by session. */
export const paneHandles = new Map<string, PaneHandle>()
