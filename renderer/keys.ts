// The keyboard of the page: every component says which keys it listens to while it is there, and `?` lists them.
// Single letters are for pages; whoever types, and every terminal, keeps the keyboard.

import { useEffect, useRef, useSyncExternalStore } from 'react'
import { hasModifier } from './desktop.ts'

export interface KeyBinding {
  /** `j`, `Enter`, `g w` (one after the other), `mod+k`, `ctrl+shift+p`. */
  readonly keys: string
  readonly label: string
  /** Also while typing and in terminals. */
  readonly everywhere?: boolean
  /** Not listed: another way to say the same. */
  readonly isAlias?: boolean
  readonly run: () => void
}

interface Scope {
  readonly title: string
  bindings: readonly KeyBinding[]
}

// A second letter later than this is a new thought.
const sequenceMs = 1000

let scopes: readonly Scope[] = []
const listeners = new Set<() => void>()
let prefix = ''
let prefixTimer = 0

const changeScopes = (next: readonly Scope[]) => {
  scopes = next
  for (const listener of listeners) listener()
}

/** Listens to these keys while the component is there. The innermost listener to a key gets it. */
export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const scope = useRef<Scope>({ title, bindings })
  scope.current.bindings = bindings
  useEffect(() => {
    const mine = scope.current
    changeScopes([...scopes, mine])
    return () => changeScopes(scopes.filter((other) => other !== mine))
  }, [])
}

export function useKeyScopes(): readonly Scope[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => scopes,
  )
}

function chordOf(event: KeyboardEvent): string {
  const parts: string[] = []
  if (hasModifier(event)) parts.push(event.shiftKey ? 'mod+shift' : 'mod')
  else if (event.ctrlKey || event.metaKey || event.altKey) parts.push('other')
  parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key)
  return parts.join('+')
}

/** Whether keys go into a text, a terminal's included. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))

const inTerminal = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('.xterm') !== null

// Enter and space press the button that has the focus; menus and dialogs have keys of their own.
const isForTarget = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement &&
  (event.target.closest('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null ||
    ((event.key === 'Enter' || event.key === ' ') && /^(button|a)$/i.test(event.target.tagName)))

function findBinding(pressed: string, isBusy: boolean, isInTerminal: boolean): KeyBinding | undefined {
  const candidates = scopes.flatMap((scope) => scope.bindings).reverse()
  return candidates.find(({ keys, everywhere }) => {
    if (keys !== pressed) return false
    // Ctrl+K and the like belong to the shell; only chords with Shift are ours there.
    if (isInTerminal) return everywhere === true && pressed.startsWith('mod+shift')
    return everywhere === true || !isBusy
  })
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || (event.repeat === true && event.key === 'Enter')) return
  const isBusy = isTyping(event.target) || isForTarget(event)
  const key = chordOf(event)
  const binding =
    (prefix && findBinding(`${prefix} ${key}`, isBusy, false)) || findBinding(key, isBusy, inTerminal(event.target))
  clearTimeout(prefixTimer)
  prefix = isBusy || binding ? '' : key
  prefixTimer = window.setTimeout(() => {
    prefix = ''
  }, sequenceMs)
  if (!binding) return
  event.preventDefault()
  binding.run()
}

/** Starts listening; called once by main.tsx. */
export function listenToKeys(): void {
  addEventListener('keydown', onKeyDown)
}
