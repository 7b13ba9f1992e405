// Character widths and grapheme clusters: xterm's table, in a readable form.

import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'

let loading: Promise<new () => UnicodeGraphemesAddon> | undefined

/**
 * The addon, loaded once. As it is loaded it decodes its table with `Buffer.from` and reads it from the beginning of the
 * memory below, which is the table's own only outside of Node's pool of small buffers. In the pool it takes for the
 * table's size whatever stands at the pool's head: gigabytes, or nothing, and then it fails with "Data error".
 */
export const loadGraphemes = (): Promise<new () => UnicodeGraphemesAddon> => (loading ??= loadOutsideOfPool())

async function loadOutsideOfPool(): Promise<new () => UnicodeGraphemesAddon> {
  const { poolSize } = Buffer
  Buffer.poolSize = 0
  try {
    const { default: addon } = await import('@xterm/addon-unicode-graphemes')
    return addon.UnicodeGraphemesAddon
  } finally {
    Buffer.poolSize = poolSize
  }
}
