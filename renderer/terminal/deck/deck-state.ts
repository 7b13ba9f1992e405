// What the deck of this window shows beside its layout, and keeps no longer than the page: where it stands, which dialog
// is open, which pane is alone, and which are typed into together.

import { createStore } from '../../store.ts'
import type { PaneHandle, PaneStatus } from '../pane/pane.ts'

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
export const alone = createStore<string | undefined>(undefined)

/** Sessions that get what is typed into any of them. */
export const typedTogether = createStore<ReadonlySet<string>>(new Set())

export const isDrawerOpen = createStore(false)

/** What has happened in a terminal where nobody looked; what matters most comes first. */
export const unseenKinds = ['failed', 'rang', 'done'] as const
export type Unseen = (typeof unseenKinds)[number]

/** By session, until it is looked at. */
export const unseen = createStore<ReadonlyMap<string, Unseen>>(new Map())

/** A bell does not hide that a command failed. */
export function noteUnseen(session: string, happened: Unseen): void {
  unseen.change((known) => {
    const before = known.get(session)
    if (before && unseenKinds.indexOf(before) <= unseenKinds.indexOf(happened)) return known
    return new Map(known).set(session, happened)
  })
}

/** Sessions in the order in which they were looked at, the last one first. */
export const recentSessions = createStore<readonly string[]>([])

export const noteLookedAt = (session: string): void =>
  recentSessions.change((recent) =>
    recent[0] === session ? recent : [session, ...recent.filter((other) => other !== session)],
  )

/** By session: what its pane last said of itself. */
export const statuses = createStore<ReadonlyMap<string, PaneStatus>>(new Map())

export function tellStatus(sessionId: string, status: PaneStatus | undefined): void {
  statuses.change((known) => {
    if (known.get(sessionId) === status) return known
    const next = new Map(known)
    if (status) next.set(sessionId, status)
    else next.delete(sessionId)
    return next
  })
}

/** Nothing of it is left for whoever signs in next. */
export function forgetDeck(): void {
  closeDialog()
  alone.set(undefined)
  typedTogether.set(new Set())
  isDrawerOpen.set(false)
  unseen.set(new Map())
  recentSessions.set([])
  statuses.set(new Map())
  firstFolders.clear()
}

/** Where sessions begin that were split off from another one, by session: where that one was. */
export const firstFolders = new Map<string, string>()

/** The panes that are open on the page, by session. */
export const handles = new Map<string, PaneHandle>()
