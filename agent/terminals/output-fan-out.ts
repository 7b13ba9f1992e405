// Fan-out of a session's output: to the screen, to the attached clients that keep up, and to the buffer for clients
// that reconnect. A client that missed output receives nothing until its snapshot.

import type { SessionScreen } from '../screens/session-screen.ts'
import type { FlowControl } from './flow-control.ts'
import { OutputBatcher } from './output-batcher.ts'
import { RecentOutput } from './recent-output.ts'
import type { TypingTracker } from './typing-tracker.ts'
import type { Viewer } from './viewer.ts'

// Recent output for clients that reconnect; beyond it they receive a snapshot.
const recentBytes = 512 * 1024

export interface FanOutOptions {
  readonly viewers: ReadonlySet<Viewer>
  readonly screen: SessionScreen
  readonly flow: FlowControl
  readonly typing: TypingTracker
}

export class OutputFanOut {
  readonly recent = new RecentOutput(recentBytes)
  readonly #viewers: ReadonlySet<Viewer>
  readonly #screen: SessionScreen
  readonly #flow: FlowControl
  readonly #batcher: OutputBatcher

  constructor({ viewers, screen, flow, typing }: FanOutOptions) {
    this.#viewers = viewers
    this.#screen = screen
    this.#flow = flow
    this.#batcher = new OutputBatcher(typing, () => this.flush())
  }

  append(bytes: Uint8Array): void {
    this.#batcher.append(bytes)
  }

  /** Sent with the next flush. */
  appendWithoutFlush(bytes: Uint8Array): void {
    this.#batcher.appendWithoutFlush(bytes)
  }

  /** Sends pending output to clients that keep up. While all clients are behind, it stays pending and the pty pauses. */
  flush(): void {
    this.#batcher.cancelTimer()
    if (this.#batcher.isEmpty) return
    const receivers = [...this.#viewers].filter((viewer) => viewer.keepsUp)
    if (receivers.length === 0 && this.#viewers.size > 0) this.#flow.update()
    else this.#sendTo(receivers)
  }

  /** Also sends to clients that are behind: needed before a snapshot, a new size and the exit. */
  flushToAll(): void {
    this.#batcher.cancelTimer()
    if (this.#batcher.isEmpty) return
    this.#sendTo([...this.#viewers].filter((viewer) => !viewer.needsSnapshot))
  }

  dispose(): void {
    this.#batcher.cancelTimer()
  }

  #sendTo(receivers: readonly Viewer[]): void {
    const frame = this.#batcher.take()
    this.#screen.feed(frame.output)
    for (const viewer of this.#viewers) {
      if (receivers.includes(viewer)) viewer.send(frame)
      else viewer.needsSnapshot = true
    }
    this.recent.append(frame.output)
    this.#flow.recordSent(frame.output.length)
  }
}
