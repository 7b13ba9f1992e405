// The deck's place in the frame of the pages: it is loaded with the first terminal and stays from then on, shown or not.
// The keys that bring it up, the switcher and the history are heard on every page.

import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { isTyping } from '../../keys.ts'
import { useStore } from '../../store.ts'
import { applyKeyPreferences, matchAction } from '../keys/terminal-keys.ts'
import { clearLayout, loadLayout } from '../layout/current-layout.ts'
import { useDeckActions } from './actions/deck-actions.ts'
import { Drawer } from './drawer.tsx'
import { renderInDeck, useDeckLocation } from './state/deck-location.tsx'
import { isDrawerOpen, openDialog, resetDeck } from './state/deck-state.ts'

const TerminalDeck = lazy(() => import('./terminal-deck.tsx'))
const loadDialogs = () => import('./dialogs/deck-dialogs.tsx')
const DeckDialogs = lazy(loadDialogs)

/** The drawer, where it is open, and the deck wherever it stands. */
export default function DeckHost() {
  const place = useDeckLocation()
  const isOpen = useStore(isDrawerOpen)
  const hasDialog = useStore(openDialog).kind !== 'none'
  const [wasShown, setWasShown] = useState(false)
  if (place && !wasShown) setWasShown(true)
  // Ahead of time: what is typed after the key of the switcher is meant for it, not for the shell.
  useEffect(() => {
    if (wasShown) void loadDialogs().then(({ preloadDialogs }) => preloadDialogs())
  }, [wasShown])
  useEffect(() => {
    if (place || hasDialog) loadLayout()
  }, [place, hasDialog])
  const preferences = useTerminalPreferences()
  useEffect(() => applyKeyPreferences(preferences), [preferences])
  useGlobalShortcuts()
  // Its pages are those of whoever is signed in.
  useEffect(
    () => () => {
      clearLayout()
      resetDeck()
    },
    [],
  )
  return (
    <>
      {isOpen && place?.kind !== 'page' && <Drawer />}
      {wasShown &&
        renderInDeck(
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

function useGlobalShortcuts(): void {
  const act = useDeckActions()
  const current = useRef(act)
  current.current = act
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const action = matchAction(event)
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
