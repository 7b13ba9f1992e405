// Whether the command palette is open. Separate from the palette, which is loaded on first use.

import { createStore } from './store.ts'

export const isPaletteOpen = createStore(false)
export const openPalette = (): void => isPaletteOpen.set(true)
