import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'

/** A screen that does not change until it is released. */
export interface ScreenSnapshot {
  readonly size: TerminalSize
  readonly hasImages: boolean
  /** Visible rows and modes. */
  draw(withImages?: boolean): Promise<Buffer>
  /** Scrollback, oldest first; the newest when it exceeds `maxBytes`. Ends so that the text of `draw` continues it. */
  history(maxBytes: number, withImages?: boolean): Promise<Buffer[]>
  /** Resumes parsing. */
  release(): void
}
