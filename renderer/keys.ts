// Keyboard shortcuts of the page. Components register their bindings while mounted, and `?` lists them. Single letters
// apply to pages only, never to text inputs and terminals.

import { useEffect, useRef, useSyncExternalStore } from 'react'
import { toPageChord } from './chords.ts'

export interface KeyBinding {
  /** A chord such as `J`, `?`, `Enter` or `Ctrl+K`, or a sequence such as `G W`. */
  readonly keys: string
  readonly label: string
  /** Also in text inputs and terminals. */
  readonly everywhere?: boolean
  /** An alternative shortcut that is not listed. */
  readonly isAlias?: boolean
  readonly run: () => void
}

interface Scope {
  readonly title: string
  bindings: readonly KeyBinding[]
}

// Timeout between the keys of a sequence.
const sequenceMs = 1000

let scopes: readonly Scope[] = []
const listeners = new Set<() => void>()
let prefix = ''
let prefixTimer = 0

const changeScopes = (next: readonly Scope[]) => {
  scopes = next
  for (const listener of listeners) listener()
}

/** Registers bindings while the component is mounted. The innermost binding of a key takes precedence. */
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

/** Whether the target takes text input, including terminals. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))

const isWithinTerminal = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('.xterm') !== null

// Enter and Space activate the focused button; menus and dialogs handle their own keys.
const isForTarget = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement &&
  (event.target.closest('[role="dialog"],[role="alertdialog"],[role="menu"]') !== null ||
    ((event.key === 'Enter' || event.key === ' ') && /^(button|a)$/i.test(event.target.tagName)))

function findBinding(pressed: string, isBusy: boolean, isInTerminal = false): KeyBinding | undefined {
  const candidates = scopes.flatMap((scope) => scope.bindings).reverse()
  return candidates.find(({ keys, everywhere }) => {
    if (keys !== pressed) return false
    // In a terminal, chords without Shift belong to the shell.
    if (isInTerminal) return everywhere === true && pressed.includes('Shift+')
    return everywhere === true || !isBusy
  })
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || (event.repeat === true && event.key === 'Enter')) return
  const isBusy = isTyping(event.target) || isForTarget(event)
  const key = toPageChord(event)
  if (key === undefined) return
  const binding =
    (prefix && findBinding(`${prefix} ${key}`, isBusy)) || findBinding(key, isBusy, isWithinTerminal(event.target))
  clearTimeout(prefixTimer)
  prefix = isBusy || binding ? '' : key
  prefixTimer = window.setTimeout(() => {
    prefix = ''
  }, sequenceMs)
  if (!binding) return
  event.preventDefault()
  binding.run()
}

/** Starts listening. Called once by main.tsx. */
export function listenToKeys(): void {
  addEventListener('keydown', onKeyDown)
}
