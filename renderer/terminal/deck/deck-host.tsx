// The deck's place in the frame of the pages: it is loaded with the first terminal and stays from then on, shown or not.
// The keys that bring it up, the switcher and the history are heard on every page.

import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { isTyping } from '../../keys.ts'
import { useStore } from '../../store.ts'
import { actionOf, applyKeys } from '../keys/terminal-keys.ts'
import { forgetLayout, loadLayout } from '../layout/own-layout.ts'
import { useDeckActions } from './deck-actions.ts'
import { inDeck, useDeckPlace } from './deck-place.tsx'
import { forgetDeck, isDrawerOpen, openDialog } from './deck-state.ts'
import { Drawer } from './drawer.tsx'

const TerminalDeck = lazy(() => import('./terminal-deck.tsx'))
const loadDialogs = () => import('./dialogs.tsx')
const DeckDialogs = lazy(loadDialogs)

/** The drawer, where it is open, and the deck wherever it stands. */
export default function DeckHost() {
  const place = useDeckPlace()
  const isOpen = useStore(isDrawerOpen)
  const hasDialog = useStore(openDialog).kind !== 'none'
  const [wasShown, setWasShown] = useState(false)
  if (place && !wasShown) setWasShown(true)
  // Ahead of time: what is typed after the key of the switcher is meant for it, not for the shell.
  useEffect(() => {
    if (wasShown) void loadDialogs().then(({ loadBoxes }) => loadBoxes())
  }, [wasShown])
  useEffect(() => {
    if (place || hasDialog) loadLayout()
  }, [place, hasDialog])
  const preferences = useTerminalPreferences()
  useEffect(() => applyKeys(preferences), [preferences])
  useKeysEverywhere()
  // Its pages are those of whoever is signed in.
  useEffect(
    () => () => {
      forgetLayout()
      forgetDeck()
    },
    [],
  )
  return (
    <>
      {isOpen && place?.kind !== 'page' && <Drawer />}
      {wasShown &&
        inDeck(
          <Suspense fallback={<div className="flex-1 bg-terminal" />}>
            <TerminalDeck place={place} />
          </Suspense>,
        )}
      {hasDialog && (
        <Suspense>
          <DeckDialogs />
        </Suspense>
      )}
    </>
  )
}

function useKeysEverywhere(): void {
  const act = useDeckActions()
  const current = useRef(act)
  current.current = act
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const action = actionOf(event)
      if (action !== 'drawer' && action !== 'switcher' && action !== 'history') return
      // Where one types, only the drawer is asked for: its chord writes nothing.
      if (action !== 'drawer' && isTyping(event.target)) return
      if (event.target instanceof Element && event.target.closest('[role="dialog"]')) return
      event.preventDefault()
      current.current(action)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}
