// The screen of a terminal in the worker: queues output, parses it in short slices, and serializes the result.

import type { TerminalSize } from '../../../api/agents/terminal-frames.ts'
import { liveLines } from '../drawing/drawing.ts'
import { idleShell, type ShellState } from '../drawing/marks.ts'
import { inSlices, newestWithin } from '../drawing/slices.ts'
import type { Recorder } from '../record/recorder.ts'
import type { SavedScreen } from '../record/session-files.ts'
import { type FrozenScreen, freeze, thaw } from './frozen-screen.ts'
import { Mutex } from './mutex.ts'
import { ParsedEnd } from './parsed-end.ts'
import { isOutput, ScreenQueue, sliceLines } from './queue.ts'
import { RecordedDrawing, type ScreenEvents } from './recorded-drawing.ts'
import type { ScreenSnapshot } from './screen-snapshot.ts'

export interface Screen {
  /** Takes ownership of the buffer. */
  feed(output: Buffer): void
  resize(size: TerminalSize): void
  /** Parses all queued output and blocks changes until the snapshot is released. One holder at a time; others wait.
   *  @throws Error when the screen is unavailable; a retry may succeed. */
  hold(): Promise<ScreenSnapshot>
  /** End of output: keeps the serialized screen and frees the terminal, which takes several megabytes. */
  freeze(): Promise<void>
  close(): void
}

/** State derived from the parsed output. */
export interface ScreenState {
  /** Title set by a program. */
  readonly title: string
  /** Shell state from its marks. */
  readonly shell: ShellState
}

// Limit of the output parsed while a client waits for a snapshot: a full scrollback of typical text, about 20 ms.
const maxHoldBytes = 512 * 1024
const maxHoldLines = 12_000

// During output: one slice of 0.6 ms per 10 ms, which parses normal output before a flood is compacted and leaves the
// CPU to interactive sessions.
const sliceEveryMs = 10
// After a slow slice (recording, busy CPU) the next one waits for several times its duration: interactive sessions have
// priority.
const pausePerSlice = 4
const maxPauseMs = 150
// While a user types: fewer and shorter slices, because recording takes longer than parsing.
const typingSlice = { everyMs: 50, lines: 256 }

// Fewer lines for very wide terminals, since a client waits.
const maxDrawnCells = 200 * liveLines

export interface ScreenOptions extends Omit<ScreenEvents, 'onTitle'> {
  /** Records parsed output and lines that leave the scrollback. */
  readonly recorder?: Recorder
  /** Recorded screen to restore, with room for the next process below. */
  readonly saved?: SavedScreen
  /** Whether a user is typing in any session. */
  readonly isTyping?: () => boolean
  /** Nonce of the session's shell marks; absent without shell integration. */
  readonly nonce?: string
  readonly onChange?: (state: ScreenState) => void
}

const bytesIn = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

export function createScreen(size: TerminalSize, options: ScreenOptions): Screen {
  const { recorder, saved, nonce = '', isTyping = () => false, onChange, ...events } = options
  const queue = new ScreenQueue()
  const lock = new Mutex()
  const parsedEnd = new ParsedEnd()
  let timer: NodeJS.Timeout | undefined
  let pauseMs = sliceEveryMs
  let opening: Promise<RecordedDrawing> | undefined
  let title = ''
  let lastState: ScreenState = { title, shell: idleShell }
  let frozen: FrozenScreen | undefined
  let isClosed = false

  // xterm is loaded when output is first parsed: clients have received that output before.
  async function open(): Promise<RecordedDrawing> {
    const allEvents = { ...events, onTitle: (changed: string) => (title = changed) }
    opening ??= saved
      ? RecordedDrawing.restore(saved, size, nonce, allEvents, recorder)
      : RecordedDrawing.open(size, nonce, allEvents, recorder)
    try {
      const opened = await opening
      notifyChange(opened)
      return opened
    } catch (error) {
      opening = undefined // the next call tries again
      throw error
    }
  }

  function notifyChange({ drawing: { shell } }: RecordedDrawing) {
    if (title === lastState.title && shell === lastState.shell) return
    lastState = { title, shell }
    onChange?.(lastState)
  }

  function release() {
    if (lock.release()) schedule()
  }

  function schedule() {
    if (timer || lock.isLocked || queue.isEmpty || isClosed || frozen) return
    timer = setTimeout(async () => {
      timer = undefined
      if (lock.isLocked) return // the lock holder schedules the next slice
      await lock.acquire()
      const startedAt = performance.now()
      try {
        const opened = await open()
        await parseSlice(opened)
        if (!isClosed) await opened.checkpoint()
      } finally {
        const minPauseMs = isTyping() ? typingSlice.everyMs : sliceEveryMs
        pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, pausePerSlice * (performance.now() - startedAt)))
        release()
      }
    }, pauseMs)
  }

  async function parseSlice(opened: RecordedDrawing): Promise<void> {
    const next = queue.takeSlice(isTyping() ? typingSlice.lines : sliceLines)
    if (!next || isClosed) return
    if (isOutput(next)) parsedEnd.add(next)
    await opened.parse(next)
    notifyChange(opened)
  }

  async function parseAll(): Promise<RecordedDrawing> {
    const opened = await open()
    queue.compact(maxHoldBytes, maxHoldLines)
    while (!queue.isEmpty && !isClosed) await parseSlice(opened)
    return opened
  }

  function createSnapshot({ drawing }: RecordedDrawing): ScreenSnapshot {
    return {
      size: drawing.size,
      hasImages: drawing.hasImages,
      async draw(withImages = false) {
        const pieces = await inSlices(drawing.screen(withImages))
        // The incomplete end follows, after the character it may combine with.
        return Buffer.concat([
          ...pieces,
          Buffer.from(parsedEnd.isText ? drawing.repeatLastCharacter() : ''),
          ...parsedEnd.unfinished,
        ])
      },
      async history(maxBytes, withImages = false) {
        const lines = Math.floor(maxDrawnCells / drawing.size.cols)
        const from = Math.max(0, drawing.historyLines - lines)
        const live = newestWithin(await inSlices(drawing.history({ from, withImages })), maxBytes)
        const older = (await recorder?.older(maxBytes - bytesIn(live), drawing.historyLines)) ?? []
        return [...drawing.restoreImages(older, withImages, maxBytes - bytesIn([...older, ...live])), ...live]
      },
      release,
    }
  }

  return {
    feed(output) {
      queue.push(output)
      schedule()
    },
    resize(changed) {
      queue.push(changed)
      schedule()
    },
    async hold() {
      await lock.acquire()
      try {
        return frozen ? thaw(frozen, release) : createSnapshot(await parseAll())
      } catch (error) {
        release()
        throw error
      }
    },
    async freeze() {
      await lock.acquire()
      try {
        const opened = await parseAll()
        frozen ??= await freeze(createSnapshot(opened))
        opened.drawing.close()
      } finally {
        release()
      }
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      queue.take()
      if (!frozen) opening?.then(({ drawing }) => drawing.close())
    },
  }
}
