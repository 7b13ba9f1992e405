// Where on the page the deck of terminals stands: in the page about terminals, in that of a workspace, or in the drawer
// over any other. There is one deck; it is carried from place to place, so that no terminal is drawn anew.

import type { ReactNode } from 'react'
import { type ReactPortal, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { createStore, useStore } from '../../store.ts'

export interface DeckPlace {
  readonly kind: 'page' | 'drawer'
  /** Tabs without a terminal of this workspace are not shown here. */
  readonly workspaceId: string | undefined
  readonly element: HTMLElement
}

const places = createStore<readonly DeckPlace[]>([])

const deck = document.createElement('div')
deck.className = 'flex min-h-0 min-w-0 flex-1'

function carryDeck(): void {
  const place = standing(places.get())
  if (!place) deck.remove()
  else if (deck.parentElement !== place.element) place.element.append(deck)
}

/** A page goes before the drawer. */
const standing = (all: readonly DeckPlace[]): DeckPlace | undefined =>
  all.findLast(({ kind }) => kind === 'page') ?? all.at(-1)

/** Where the deck stands now; undefined while it is not shown. */
export const useDeckPlace = (): DeckPlace | undefined => standing(useStore(places))
export const deckPlace = (): DeckPlace | undefined => standing(places.get())

/** A place that the deck fills while it is there. */
export function DeckPlaceholder({ kind, workspaceId }: { kind: DeckPlace['kind']; workspaceId?: string }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    const mine: DeckPlace = { kind, workspaceId, element }
    places.change((all) => [...all, mine])
    carryDeck()
    return () => {
      places.change((all) => all.filter((other) => other !== mine))
      carryDeck()
    }
  }, [kind, workspaceId])
  return <div ref={place} className="flex min-h-0 min-w-0 flex-1 bg-terminal" />
}

/** Draws what the deck consists of, wherever that stands. */
export const inDeck = (children: ReactNode): ReactPortal => createPortal(children, deck)
