// The theme preference: light, dark or system. public/theme.js applies the stored preference before the first paint.

import { useSyncExternalStore } from 'react'

export type ThemeChoice = 'system' | 'light' | 'dark'

const key = 'theme'

function storedTheme(): ThemeChoice {
  const stored = localStorage.getItem(key)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Stores the choice and applies it to this page; other open pages receive the storage event. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, choice)
  // theme.js listens to this event, which browsers send only to other pages.
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

/** Whether the page is currently dark, by choice or by the system. */
export const useIsDark = (): boolean =>
  useSyncExternalStore(onAppliedChange, () => document.documentElement.dataset.theme === 'dark')
