// State of the deck besides its layout: open dialog, maximized pane, broadcast group, activity and pane status. Not
// persisted.

import { createStore } from '../../../store.ts'
import type { PaneHandle, PaneStatus } from '../../pane/pane-types.ts'

export type DeckDialog =
  | { readonly kind: 'none' }
  | { readonly kind: 'switcher' }
  | { readonly kind: 'history' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'layouts' }
  | { readonly kind: 'rename-tab'; readonly tabId: string }
  /** Confirms closing terminals that may run programs. */
  | { readonly kind: 'close'; readonly sessions: readonly string[] }

export const currentDialog = createStore<DeckDialog>({ kind: 'none' })
export const closeDialog = (): void => currentDialog.set({ kind: 'none' })

/** Session of the pane that fills its tab and hides the others. */
export const maximizedSession = createStore<string | undefined>(undefined)

/** Sessions that receive the input of any of them. */
export const broadcastSessions = createStore<ReadonlySet<string>>(new Set())

export const isDrawerOpen = createStore(false)

/** Events in a terminal that is not visible, most important first. */
export const activityKinds = ['failed', 'rang', 'done'] as const
export type Activity = (typeof activityKinds)[number]

/** By session, until the terminal is visible. */
export const unseenActivity = createStore<ReadonlyMap<string, Activity>>(new Map())

/** Records an event unless a more important one is recorded: a bell does not hide a failed command. */
export function recordActivity(session: string, activity: Activity): void {
  unseenActivity.change((activities) => {
    const before = activities.get(session)
    if (before && activityKinds.indexOf(before) <= activityKinds.indexOf(activity)) return activities
    return new Map(activities).set(session, activity)
  })
}

/** Sessions by time of last focus, most recent first. */
export const recentSessions = createStore<readonly string[]>([])

export const recordFocus = (session: string): void =>
  recentSessions.change((recent) =>
    recent[0] === session ? recent : [session, ...recent.filter((other) => other !== session)],
  )

/** Last status of each pane, by session. */
export const paneStatuses = createStore<ReadonlyMap<string, PaneStatus>>(new Map())

export function setPaneStatus(sessionId: string, status: PaneStatus | undefined): void {
  paneStatuses.change((statuses) => {
    if (statuses.get(sessionId) === status) return statuses
    const next = new Map(statuses)
    if (status) next.set(sessionId, status)
    else next.delete(sessionId)
    return next
  })
}

/** Clears everything at sign-out. */
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

/** Folders in which split panes start, by session: the folder of the pane that was split. */
export const initialFolders = new Map<string, string>()

/** Handles of the mounted panes, by session. */
export const paneHandles = new Map<string, PaneHandle>()
