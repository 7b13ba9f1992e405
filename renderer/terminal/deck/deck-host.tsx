// Hosts the deck in the layout of all pages. The deck is loaded with the first terminal and stays mounted from then on. The
// shortcuts of the drawer, the switcher and the history work on every page.

import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTerminalPreferences } from '../../api/terminal-preferences.ts'
import { isTyping } from '../../keys.ts'
import { useStore } from '../../store.ts'
import { applyKeyPreferences, matchAction } from '../keys/terminal-keys.ts'
import { clearLayout, loadLayout } from '../layout/current-layout.ts'
import { useDeckActions } from './actions/deck-actions.ts'
import { Drawer } from './drawer.tsx'
import { renderInDeck, useDeckLocation } from './state/deck-location.tsx'
import { currentDialog, isDrawerOpen, resetDeck } from './state/deck-state.ts'

const TerminalDeck = lazy(() => import('./terminal-deck.tsx'))
const loadDialogs = () => import('./dialogs/deck-dialogs.tsx')
const DeckDialogs = lazy(loadDialogs)

export default function DeckHost() {
  const location = useDeckLocation()
  const isOpen = useStore(isDrawerOpen)
  const hasDialog = useStore(currentDialog).kind !== 'none'
  const [wasShown, setWasShown] = useState(false)
  if (location && !wasShown) setWasShown(true)
  // Preloaded: keys typed right after the switcher's shortcut must reach it and not the shell.
  useEffect(() => {
    if (wasShown) void loadDialogs().then(({ preloadDialogs }) => preloadDialogs())
  }, [wasShown])
  useEffect(() => {
    if (location || hasDialog) loadLayout()
  }, [location, hasDialog])
  const preferences = useTerminalPreferences()
  useEffect(() => applyKeyPreferences(preferences), [preferences])
  useGlobalShortcuts()
  // Unmounts at sign-out.
  useEffect(
    () => () => {
      clearLayout()
      resetDeck()
    },
    [],
  )
  return (
    <>
      {isOpen && location?.kind !== 'page' && <Drawer />}
      {wasShown &&
        renderInDeck(
          <Suspense fallback={<div className="flex-1 bg-terminal" />}>
            <TerminalDeck location={location} />
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
      // In a text field only the drawer's chord applies, because it types no character.
      if (action !== 'drawer' && isTyping(event.target)) return
      if (event.target instanceof Element && event.target.closest('[role="dialog"]')) return
      event.preventDefault()
      current.current(action)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [])
}
