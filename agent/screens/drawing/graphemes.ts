// Loads xterm's addon for character widths and grapheme clusters.

import type { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'

let loading: Promise<new () => UnicodeGraphemesAddon> | undefined

/**
 * Loads the addon once, with Node's pool of small buffers disabled. The addon decodes its table with `Buffer.from` and reads
 * the underlying ArrayBuffer from offset 0. In a pooled buffer that is other data: the table's size becomes arbitrary, and
 * loading fails with "Data error" or allocates gigabytes.
 */
export const loadGraphemes = (): Promise<new () => UnicodeGraphemesAddon> => (loading ??= loadWithoutPool())

async function loadWithoutPool(): Promise<new () => UnicodeGraphemesAddon> {
  const { poolSize } = Buffer
  Buffer.poolSize = 0
  try {
    const { default: addon } = await import('@xterm/addon-unicode-graphemes')
    return addon.UnicodeGraphemesAddon
  } finally {
    Buffer.poolSize = poolSize
  }
}
