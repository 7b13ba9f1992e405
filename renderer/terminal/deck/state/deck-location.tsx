// The location of the terminal deck: the Terminals page, the page of a workspace, or the drawer over any other page. There is
// one deck element, which moves between these outlets, so that no terminal is mounted again.

import { type ReactNode, type ReactPortal, useLayoutEffect, useRef } from 'react'
import { createPortal } from 'react-dom'
import { createStore, useStore } from '../../../store.ts'

export interface DeckLocation {
  readonly kind: 'page' | 'drawer'
  /** Only tabs with a terminal of this workspace are shown here; undefined for all tabs. */
  readonly workspaceId: string | undefined
  readonly element: HTMLElement
}

const locations = createStore<readonly DeckLocation[]>([])

const deck = document.createElement('div')
deck.className = 'flex min-h-0 min-w-0 flex-1'

function moveDeck(): void {
  const location = pickLocation(locations.get())
  if (!location) deck.remove()
  else if (deck.parentElement !== location.element) location.element.append(deck)
}

/** Pages have priority over the drawer. */
const pickLocation = (all: readonly DeckLocation[]): DeckLocation | undefined =>
  all.findLast(({ kind }) => kind === 'page') ?? all.at(-1)

/** The current location; undefined while the deck is not shown. */
export const useDeckLocation = (): DeckLocation | undefined => pickLocation(useStore(locations))
export const getDeckLocation = (): DeckLocation | undefined => pickLocation(locations.get())

/** The deck fills this element while it is mounted. */
export function DeckOutlet({ kind, workspaceId }: { kind: DeckLocation['kind']; workspaceId?: string }) {
  const outlet = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = outlet.current
    if (!element) return
    const location: DeckLocation = { kind, workspaceId, element }
    locations.change((all) => [...all, location])
    moveDeck()
    return () => {
      locations.change((all) => all.filter((other) => other !== location))
      moveDeck()
    }
  }, [kind, workspaceId])
  return <div ref={outlet} className="flex min-h-0 min-w-0 flex-1 bg-terminal" />
}

/** Renders the content of the deck at its current location. */
export const renderInDeck = (children: ReactNode): ReactPortal => createPortal(children, deck)
