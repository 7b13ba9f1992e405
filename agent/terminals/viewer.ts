// Somebody who looks at a session: what they have room for, and how far they have got with its output.

import type { ScreenSize } from '../screen-size.ts'
import type { TerminalClient } from './client.ts'
import type { OutputFrame } from './output-buffer.ts'

export class Viewer {
  readonly client: TerminalClient
  readonly isReadOnly: boolean
  /** That it has room for. */
  size: ScreenSize
  /** Has more unread than it may, and has not come down to half of that yet. */
  isBehind = false
  /** Waits for the screen: output has passed it by. */
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

  /** Output that went to others while this one got the screen. */
  sendMissed(output: Buffer): void {
    if (output.length > 0) this.client.sendMissed(output)
    this.#measure()
  }

  /** It has taken something in. True when it was behind and is no more. */
  noteProgress(): boolean {
    if (!this.isBehind || this.client.unreadBytes > this.client.highWaterBytes / 2) return false
    this.isBehind = false
    return true
  }

  #measure(): void {
    this.isBehind = this.client.unreadBytes > this.client.highWaterBytes
  }
}
