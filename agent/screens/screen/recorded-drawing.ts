// A drawing with a recorder: parsed output goes to the journal, lines that leave the scrollback to separate files, and
// checkpoints are taken periodically.

import { isSameSize, type TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { type Drawing, type DrawingEvents, liveLines, openDrawing } from '../drawing/drawing.ts'
import { inSlices } from '../drawing/slices.ts'
import type { Recorder } from '../record/recorder.ts'
import type { SavedScreen } from '../record/session-files.ts'
import { isOutput, slicesOf } from './queue.ts'

// Lines are dropped from the scrollback in batches.
const trimBatchLines = 256

export type ScreenEvents = Omit<DrawingEvents, 'now'>

export class RecordedDrawing {
  readonly drawing: Drawing
  readonly #recorder: Recorder | undefined

  private constructor(drawing: Drawing, recorder: Recorder | undefined) {
    this.drawing = drawing
    this.#recorder = recorder
  }

  static async open(
    size: TerminalSize,
    nonce: string,
    events: ScreenEvents,
    recorder: Recorder | undefined,
  ): Promise<RecordedDrawing> {
    recorder?.resize(size)
    return new RecordedDrawing(await openDrawing(size, nonce, { ...events, now: Date.now }), recorder)
  }

  /** Restores the screen of an exited process, possibly in another size. The next shell's output follows below. */
  static async restore(
    saved: SavedScreen,
    size: TerminalSize,
    nonce: string,
    events: ScreenEvents,
    recorder: Recorder | undefined,
  ): Promise<RecordedDrawing> {
    let isReplaying = true
    const drawing = await openDrawing(saved.size, nonce, {
      // Replayed output must not reply to queries or report finished commands again.
      onReply: (reply) => isReplaying || events.onReply(reply),
      onCommand: (command) => isReplaying || events.onCommand(command),
      onTitle: events.onTitle,
      now: () => (isReplaying ? undefined : Date.now()),
    })
    const restored = new RecordedDrawing(drawing, recorder)
    for (const record of [saved.checkpoint, ...saved.records]) {
      if (!isOutput(record)) await restored.#resize(record)
      else for (const slice of slicesOf(record)) await restored.#write(slice)
    }
    await drawing.write(Buffer.from(drawing.resetForNewShell()))
    isReplaying = false
    if (!isSameSize(drawing.size, size)) await restored.#resize(size)
    await restored.checkpoint()
    return restored
  }

  /** Parses a slice of output, or resizes. */
  async parse(next: Buffer | TerminalSize): Promise<void> {
    if (isOutput(next)) {
      this.#recorder?.output(next)
      await this.#write(next)
    } else {
      this.#recorder?.resize(next)
      await this.#resize(next)
    }
  }

  /** Takes a checkpoint when it is due. */
  async checkpoint(): Promise<void> {
    const { drawing } = this
    const recorder = this.#recorder
    if (!recorder?.wantsCheckpoint) return
    const write = recorder.beginCheckpoint(drawing.size)
    const from = Math.max(0, drawing.historyLines - recorder.checkpointLines)
    const lines = await inSlices(drawing.history({ from, withImages: true }))
    write([...lines, ...(await inSlices(drawing.screen(true)))])
  }

  async #write(slice: Buffer): Promise<void> {
    await this.drawing.write(slice)
    await this.#trimSurplus()
  }

  /** A narrower screen has more lines. */
  async #resize(size: TerminalSize): Promise<void> {
    this.drawing.resize(size)
    await this.#trimSurplus()
  }

  /** Drops lines from the scrollback once they are stored. */
  async #trimSurplus(): Promise<void> {
    const surplus = this.drawing.historyLines - liveLines
    if (surplus < trimBatchLines) return
    const recorder = this.#recorder
    recorder?.lines(await inSlices(this.drawing.oldest(surplus)), surplus)
    this.drawing.trim(surplus, recorder !== undefined && recorder.checkpointLines > 0)
  }
}
