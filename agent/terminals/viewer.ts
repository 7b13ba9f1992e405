// A client attached to a session: its flow control state and its position in the output.

import type { ScreenSize } from '../screen-size.ts'
import type { TerminalClient } from './client.ts'
import type { OutputFrame } from './output-buffer.ts'

export class Viewer {
  readonly client: TerminalClient
  readonly isReadOnly: boolean
  /** Size of the client's terminal, in cells. */
  size: ScreenSize
  /** Exceeded its limit of unread bytes and has not dropped to half of it yet. */
  isBehind = false
  /** Waits for a snapshot because it missed output. */
  needsScreen = false
  isDrawing = false

  constructor(client: TerminalClient, isReadOnly: boolean, size: ScreenSize) {
    this.client = client
    this.isReadOnly = isReadOnly
    this.size = size
  }

  get keepsUp(): boolean {
    return !this.isBehind && !this.needsScreen
  }

  send(frame: OutputFrame): void {
    this.client.output(frame)
    this.#measure()
  }

  /** Output sent to others while its snapshot was drawn. */
  sendMissed(output: Buffer): void {
    if (output.length > 0) this.client.sendMissed(output)
    this.#measure()
  }

  /** Called after reads. True when it is no longer behind. */
  noteProgress(): boolean {
    if (!this.isBehind || this.client.unreadBytes > this.client.highWaterBytes / 2) return false
    this.isBehind = false
    return true
  }

  #measure(): void {
    this.isBehind = this.client.unreadBytes > this.client.highWaterBytes
  }
}
