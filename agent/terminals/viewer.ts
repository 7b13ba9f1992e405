// A client attached to a session: its size and its flow control state.

import type { TerminalSize } from '../../api/agents/terminal-frames.ts'
import type { TerminalClient } from './client.ts'
import type { OutputFrame } from './output-buffer.ts'

export class Viewer {
  readonly client: TerminalClient
  readonly isReadOnly: boolean
  /** Size of the client's terminal, in cells. */
  size: TerminalSize
  /** Exceeded its limit of unread bytes and has not dropped to half of it yet. */
  isBehind = false
  /** Missed output and waits for a snapshot. */
  needsSnapshot = false
  isReceivingSnapshot = false

  constructor(client: TerminalClient, isReadOnly: boolean, size: TerminalSize) {
    this.client = client
    this.isReadOnly = isReadOnly
    this.size = size
  }

  get keepsUp(): boolean {
    return !this.isBehind && !this.needsSnapshot
  }

  send(frame: OutputFrame): void {
    this.client.output(frame)
    this.#measure()
  }

  /** Sends earlier output, such as that since the snapshot. */
  sendMissed(output: Buffer): void {
    if (output.length > 0) this.client.sendMissed(output)
    this.#measure()
  }

  /** Called after the client has read output. @returns whether it has just caught up */
  checkCaughtUp(): boolean {
    if (!this.isBehind || this.client.unreadBytes > this.client.highWaterBytes / 2) return false
    this.isBehind = false
    return true
  }

  #measure(): void {
    this.isBehind = this.client.unreadBytes > this.client.highWaterBytes
  }
}
