// Whether the command palette is open. Separate from the palette, which is loaded when it first opens.

import { createStore } from './store.ts'

export const isPaletteOpen = createStore(false)
export const openPalette = (): void => isPaletteOpen.set(true)
