// Serialized screen of an exited process: takes less memory than its terminal.

import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { newestWithin } from '../drawing/slices.ts'
import type { ScreenSnapshot } from './screen-snapshot.ts'

interface Text {
  readonly screen: Buffer
  readonly lines: readonly Buffer[]
}

export interface FrozenScreen {
  readonly size: TerminalSize
  readonly plain: Text
  /** Without images. */
  readonly withImages: Text
}

// Ten thousand lines of typical text.
const maxLinesBytes = 1024 * 1024

export async function freeze(snapshot: ScreenSnapshot): Promise<FrozenScreen> {
  const textOf = async (withImages: boolean): Promise<Text> => ({
    screen: await snapshot.draw(withImages),
    lines: await snapshot.history(maxLinesBytes, withImages),
  })
  const plain = await textOf(false)
  return { size: snapshot.size, plain, withImages: snapshot.hasImages ? await textOf(true) : plain }
}

/** Returns copies, which the caller may transfer. */
export function thaw({ size, plain, withImages }: FrozenScreen, release: () => void): ScreenSnapshot {
  return {
    size,
    hasImages: plain !== withImages,
    draw: async (wantsImages = false) => Buffer.from((wantsImages ? withImages : plain).screen),
    history: async (maxBytes, wantsImages = false) =>
      newestWithin((wantsImages ? withImages : plain).lines, maxBytes).map((piece) => Buffer.from(piece)),
    release,
  }
}
