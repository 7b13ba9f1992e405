// The choice between light, dark and the system's theme. public/theme.js applies the stored one before the first paint.

import { useSyncExternalStore } from 'react'

export type ThemeChoice = 'system' | 'light' | 'dark'

const key = 'theme'

function storedTheme(): ThemeChoice {
  const stored = localStorage.getItem(key)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Stores the choice and applies it in this page; other open pages follow by the storage event. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, choice)
  // theme.js listens to this event, which the browser itself sends to other pages only.
  dispatchEvent(new StorageEvent('storage', { key }))
}

function onThemeChange(listener: () => void): () => void {
  addEventListener('storage', listener)
  return () => removeEventListener('storage', listener)
}

export const useTheme = (): ThemeChoice => useSyncExternalStore(onThemeChange, storedTheme)

function onAppliedChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}

/** Whether the page is dark at the moment, by choice or with the system. */
export const useIsDark = (): boolean =>
  useSyncExternalStore(onAppliedChange, () => document.documentElement.dataset.theme === 'dark')
