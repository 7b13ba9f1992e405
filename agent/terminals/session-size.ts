// Size of a session: that of its size owner. Applies changes to the pty and the screen, and notifies the other clients.

import { isSameSize, type TerminalSize } from '../../api/agents/terminal-frames.ts'
import type { SessionScreen } from '../screens/session-screen.ts'
import type { OutputFanOut } from './output-fan-out.ts'
import type { Pty } from './pty.ts'
import { SizeOwner } from './size-owner.ts'
import type { Viewer } from './viewer.ts'

const maxSide = 2_000

export interface SessionSizeOptions {
  readonly initial: TerminalSize
  readonly viewers: ReadonlySet<Viewer>
  readonly pty: Pty
  readonly screen: SessionScreen
  readonly output: OutputFanOut
}

export class SessionSize {
  readonly #options: SessionSizeOptions
  readonly #owner: SizeOwner
  #current: TerminalSize
  #changedAtOffset = 0

  constructor(options: SessionSizeOptions) {
    this.#options = options
    this.#current = options.initial
    this.#owner = new SizeOwner(() => this.#notifyReleased())
  }

  get current(): TerminalSize {
    return this.#current
  }

  /** Offset of the first output for the current size. */
  get changedAtOffset(): number {
    return this.#changedAtOffset
  }

  /** Whether a new client is probably the previous owner after a reload or reconnect. */
  isReturningOwner(viewer: Viewer): boolean {
    return this.#owner.isAway && !viewer.isReadOnly && isSameSize(viewer.size, this.#current)
  }

  claim(viewer: Viewer): void {
    this.#owner.claim(viewer)
  }

  release(viewer: Viewer): void {
    this.#owner.release(viewer)
  }

  /** Makes the client the owner, and applies its size. */
  follow(viewer: Viewer): void {
    if (viewer.isReadOnly) return
    this.#owner.claim(viewer)
    if (!isSameSize(viewer.size, this.#current)) this.#resize(viewer)
  }

  dispose(): void {
    this.#owner.dispose()
  }

  #resize(owner: Viewer): void {
    const { viewers, pty, screen, output } = this.#options
    const { size } = owner
    this.#current = size
    // Earlier output is drawn in the old size.
    output.flushToAll()
    this.#changedAtOffset = output.recent.end
    pty.resize(size.cols, size.rows)
    screen.resize(size)
    for (const viewer of viewers) if (viewer !== owner && !viewer.isReceivingSnapshot) viewer.client.size(size)
  }

  #notifyReleased(): void {
    for (const { client } of this.#options.viewers) client.sizeReleased()
  }
}

/** In cells, within the limits of ptys and screens. */
export function clampSize({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: clampSide(cols), rows: clampSide(rows) }
}

const clampSide = (cells: number) => Math.min(maxSide, Math.max(1, Math.floor(cells) || 1))
