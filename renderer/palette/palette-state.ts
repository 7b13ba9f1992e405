// Whether the palette is open. Apart from the palette itself, which is loaded when it opens for the first time.

import { useSyncExternalStore } from 'react'

let isOpen = false
const listeners = new Set<() => void>()

export function setPaletteOpen(next: boolean): void {
  isOpen = next
  for (const listener of listeners) listener()
}

export const openPalette = (): void => setPaletteOpen(true)

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const usePaletteOpen = (): boolean => useSyncExternalStore(subscribe, () => isOpen)
