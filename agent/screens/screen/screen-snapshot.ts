import type { ScreenSize } from '../../screen-size.ts'

/** A screen that does not change until it is released. */
export interface ScreenSnapshot {
  readonly size: ScreenSize
  readonly hasImages: boolean
  /** What is visible, and how the terminal is set. */
  draw(withImages?: boolean): Promise<Buffer>
  /** The lines above, oldest first; of more than `maxBytes` the newest. Ends so that what `draw` gives goes on. */
  history(maxBytes: number, withImages?: boolean): Promise<Buffer[]>
  /** Goes on with what was fed meanwhile. */
  release(): void
}
