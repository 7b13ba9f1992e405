// Where on the page the deck of terminals stands: in the page about terminals, in that of a workspace, or in the drawer
// over any other. There is one deck; it is carried from place to place, so that no terminal is drawn anew.

import type { ReactNode } from 'react'
import { type ReactPortal, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { createStore, useStore } from '../../../store.ts'

export interface DeckLocation {
  readonly kind: 'page' | 'drawer'
  /** Tabs without a terminal of this workspace are not shown here. */
  readonly workspaceId: string | undefined
  readonly element: HTMLElement
}

const locations = createStore<readonly DeckLocation[]>([])

const deck = document.createElement('div')
deck.className = 'flex min-h-0 min-w-0 flex-1'

function moveDeck(): void {
  const place = pickLocation(locations.get())
  if (!place) deck.remove()
  else if (deck.parentElement !== place.element) place.element.append(deck)
}

/** A page goes before the drawer. */
const pickLocation = (all: readonly DeckLocation[]): DeckLocation | undefined =>
  all.findLast(({ kind }) => kind === 'page') ?? all.at(-1)

/** Where the deck stands now; undefined while it is not shown. */
export const useDeckLocation = (): DeckLocation | undefined => pickLocation(useStore(locations))
export const getDeckLocation = (): DeckLocation | undefined => pickLocation(locations.get())

/** A place that the deck fills while it is there. */
export function DeckOutlet({ kind, workspaceId }: { kind: DeckLocation['kind']; workspaceId?: string }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    const mine: DeckLocation = { kind, workspaceId, element }
    locations.change((all) => [...all, mine])
    moveDeck()
    return () => {
      locations.change((all) => all.filter((other) => other !== mine))
      moveDeck()
    }
  }, [kind, workspaceId])
  return <div ref={place} className="flex min-h-0 min-w-0 flex-1 bg-terminal" />
}

/** Draws what the deck consists of, wherever that stands. */
export const renderInDeck = (children: ReactNode): ReactPortal => createPortal(children, deck)
