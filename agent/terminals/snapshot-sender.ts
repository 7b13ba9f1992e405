// Sends a snapshot of the screen to a client that has missed output, then the output that others received meanwhile.

import { isSameSize, type TerminalSize } from '../../api/agents/terminal-frames.ts'
import type { SessionScreen, SessionSnapshot } from '../screens/session-screen.ts'
import type { FlowControl } from './flow-control.ts'
import type { OutputFanOut } from './output-fan-out.ts'
import type { PtyExit } from './pty.ts'
import type { Viewer } from './viewer.ts'

export interface SnapshotSenderOptions {
  readonly viewers: ReadonlySet<Viewer>
  readonly screen: SessionScreen
  readonly output: OutputFanOut
  readonly flow: FlowControl
  /** Current size of the session. */
  readonly size: () => TerminalSize
  /** Exit of the process; undefined while it runs. */
  readonly exit: () => PtyExit | undefined
  readonly onError: (message: string) => void
}

export class SnapshotSender {
  readonly #options: SnapshotSenderOptions

  constructor(options: SnapshotSenderOptions) {
    this.#options = options
  }

  /** @param isFirst nothing was sent to the client before */
  async send(viewer: Viewer, isFirst: boolean): Promise<void> {
    const { viewers, screen, output, flow, onError } = this.#options
    if (viewer.isReceivingSnapshot) return
    viewer.isReceivingSnapshot = true
    flow.beginSnapshot()
    // Pending output becomes part of the snapshot.
    output.flushToAll()
    try {
      const snapshot = await screen.hold()
      try {
        if (viewers.has(viewer)) await viewer.client.sendSnapshot(snapshot, isFirst)
      } finally {
        snapshot.release()
      }
      viewer.isReceivingSnapshot = false
      viewer.needsSnapshot = false
      if (viewers.has(viewer)) this.#resumeOutput(viewer, snapshot)
    } catch (error) {
      onError((error as Error).message)
      viewer.client.abort()
    } finally {
      flow.endSnapshot()
      // A paused pty may deliver one more read.
      output.flush()
      flow.update()
    }
  }

  /** Resumes live output after the snapshot. */
  #resumeOutput(viewer: Viewer, snapshot: SessionSnapshot): void {
    const size = this.#options.size()
    // The size changed while the snapshot was sent.
    if (!isSameSize(snapshot.size, size)) viewer.client.size(size)
    this.#sendMissed(viewer, snapshot.end)
    const exit = this.#options.exit()
    if (exit && !viewer.needsSnapshot) viewer.client.exit(exit)
  }

  /** Sends the output after the snapshot; when it is no longer available, another snapshot is needed. */
  #sendMissed(viewer: Viewer, offset: number): void {
    const missed = this.#options.output.recent.since(offset)
    viewer.sendMissed(missed ?? Buffer.alloc(0))
    if (missed) return
    viewer.needsSnapshot = true
    if (!viewer.isBehind) void this.send(viewer, false)
  }
}
