// What a terminal shows: output is queued and parsed when there is time. Gives the screen as text that draws it.

import type { ScreenSize } from '../../screen-size.ts'
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
  /** Takes the memory over: it must not be written again. */
  feed(output: Buffer): void
  resize(size: ScreenSize): void
  /** Parses all that was fed, and holds still until it is released. Only one holds it: the next waits.
   *  @throws Error when the screen cannot be had at all; asking again may help. */
  hold(): Promise<ScreenSnapshot>
  /** Nothing more comes: keeps what it would give as text, and lets the terminal go, which is some megabytes. */
  freeze(): Promise<void>
  close(): void
}

/** As far as parsed. */
export interface ScreenState {
  /** That a program gave its terminal. */
  readonly title: string
  /** What the shell does, as far as it tells. */
  readonly shell: ShellState
}

// What is worth parsing while somebody waits for the screen: all of the scrollback of usual text, in some 20 ms.
const keepForHoldBytes = 512 * 1024
const keepForHoldLines = 12_000

// While output comes there is one slice of 0.6 ms in ten milliseconds: what was drawn before a flood is parsed before the
// flood is skimmed, and the processors are for whoever types.
const sliceEveryMs = 10
// Where a slice takes long, as its lines are written down and others want the processor too, the next one waits for
// several times as long: whoever types comes first.
const restPerSlice = 4
const longestRestMs = 150
// While somebody types, fewer and shorter ones: each line is written down after it was parsed, which takes longer still.
const besideTyping = { everyMs: 50, lines: 256 }

// Of a very wide terminal fewer lines are drawn: somebody waits.
const maxDrawnCells = 200 * liveLines

export interface ScreenOptions extends Omit<ScreenEvents, 'onTitle'> {
  /** Writes down what is parsed and what goes off the top. */
  readonly recorder?: Recorder
  /** What it begins with: the screen of a process that is gone, with room below for the next. */
  readonly saved?: SavedScreen
  /** Whether somebody waits for echoes. */
  readonly isTyping?: () => boolean
  /** What the marks of its own shell carry; left out where no shell was told any. */
  readonly nonce?: string
  readonly onChange?: (state: ScreenState) => void
}

const bytesIn = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

export function createScreen(size: ScreenSize, options: ScreenOptions): Screen {
  const { recorder, saved, nonce = '', isTyping = () => false, onChange, ...events } = options
  const queue = new ScreenQueue()
  const turns = new Mutex()
  const end = new ParsedEnd()
  let timer: NodeJS.Timeout | undefined
  let restMs = sliceEveryMs
  let opening: Promise<RecordedDrawing> | undefined
  let title = ''
  let told: ScreenState = { title, shell: idleShell }
  let frozen: FrozenScreen | undefined
  let isClosed = false

  // Loaded with the first output that is parsed, and so after the first output that is shown.
  async function open(): Promise<RecordedDrawing> {
    const all = { ...events, onTitle: (changed: string) => (title = changed) }
    opening ??= saved
      ? RecordedDrawing.restore(saved, size, nonce, all, recorder)
      : RecordedDrawing.open(size, nonce, all, recorder)
    try {
      const opened = await opening
      tell(opened)
      return opened
    } catch (error) {
      opening = undefined // the next one tries again
      throw error
    }
  }

  function tell({ drawing: { shell } }: RecordedDrawing) {
    if (title === told.title && shell === told.shell) return
    told = { title, shell }
    onChange?.(told)
  }

  function release() {
    if (turns.release()) schedule()
  }

  function schedule() {
    if (timer || turns.isLocked || queue.isEmpty || isClosed || frozen) return
    timer = setTimeout(async () => {
      timer = undefined
      if (turns.isLocked) return // whoever is done will schedule again
      await turns.acquire()
      const beganAt = performance.now()
      try {
        const opened = await open()
        await parseSlice(opened)
        if (!isClosed) await opened.checkpoint()
      } finally {
        const leastMs = isTyping() ? besideTyping.everyMs : sliceEveryMs
        restMs = Math.min(longestRestMs, Math.max(leastMs, restPerSlice * (performance.now() - beganAt)))
        release()
      }
    }, restMs)
  }

  async function parseSlice(opened: RecordedDrawing): Promise<void> {
    const next = queue.takeSlice(isTyping() ? besideTyping.lines : sliceLines)
    if (!next || isClosed) return
    if (isOutput(next)) end.follow(next)
    await opened.parse(next)
    tell(opened)
  }

  async function parseAll(): Promise<RecordedDrawing> {
    const opened = await open()
    queue.skim(keepForHoldBytes, keepForHoldLines)
    while (!queue.isEmpty && !isClosed) await parseSlice(opened)
    return opened
  }

  function still({ drawing }: RecordedDrawing): ScreenSnapshot {
    return {
      size: drawing.size,
      hasImages: drawing.hasImages,
      async draw(withImages = false) {
        const pieces = await inSlices(drawing.screen(withImages))
        // What the parser holds back goes along, and what it would join stands last: what follows is the rest of it.
        return Buffer.concat([...pieces, Buffer.from(end.isText ? drawing.again() : ''), ...end.unfinished])
      },
      async history(maxBytes, withImages = false) {
        const lines = Math.floor(maxDrawnCells / drawing.size.cols)
        const from = Math.max(0, drawing.historyLines - lines)
        const live = newestWithin(await inSlices(drawing.history({ from, withImages })), maxBytes)
        const older = (await recorder?.older(maxBytes - bytesIn(live), drawing.historyLines)) ?? []
        return [...drawing.withPictures(older, withImages, maxBytes - bytesIn([...older, ...live])), ...live]
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
      await turns.acquire()
      try {
        return frozen ? thaw(frozen, release) : still(await parseAll())
      } catch (error) {
        release()
        throw error
      }
    },
    async freeze() {
      await turns.acquire()
      try {
        const opened = await parseAll()
        frozen ??= await freeze(still(opened))
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
