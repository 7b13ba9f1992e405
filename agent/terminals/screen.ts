// What a terminal shows, kept beside the pty without slowing it: output is queued and parsed when there is time, and
// a flood, which comes three times as fast as it can be parsed, is skimmed. Gives the screen as text that draws it.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Drawing, type DrawingEvents, liveLines, openDrawing } from './drawing.ts'
import type { ShellState } from './marks.ts'
import { skim } from './skim.ts'

export interface ScreenSize {
  readonly cols: number
  readonly rows: number
}

export interface Screen {
  /** Takes the memory over: it must not be written again. */
  feed(output: Buffer): void
  resize(size: ScreenSize): void
  /** The title that a program gave its terminal, as far as parsed. */
  readonly title: string
  /** What the shell does, as far as it tells and as far as parsed. */
  readonly shell: ShellState
  /** Parses all that was fed, and holds still until it is released. Only one holds it: the next waits. */
  hold(): Promise<StillScreen>
  close(): void
}

export interface StillScreen {
  readonly size: ScreenSize
  /** What is visible, and how the terminal is set. */
  draw(): Promise<Buffer>
  /** The lines above, oldest first; of more than `maxBytes` the newest. Ends so that what `draw` gives goes on. */
  history(maxBytes: number): Promise<Buffer[]>
  /** Goes on with what was fed meanwhile. */
  release(): void
}

// Above this the queue is skimmed …
const skimAboveBytes = 2 * 1024 * 1024
// … down to this, whole scrollback screens of usual text.
const keepBytes = 1024 * 1024
// What is worth parsing while somebody waits for the screen: all of the scrollback of usual text, in some 20 ms.
const keepForHoldBytes = 512 * 1024
const keepForHoldLines = 12_000

// Parsing goes on in slices of 0.6 ms, so that another terminal's keystroke waits no longer, and while output comes
// there is one slice in ten milliseconds: what was drawn before a flood is parsed before the flood is skimmed.
const sliceBytes = 16 * 1024
const sliceEveryMs = 10
// No slice brings more lines than there is room for above the live ones.
const sliceLines = 1_024

// Drawing, too: another terminal waits no longer than this.
const drawSliceMs = 1.5
// Of a very wide terminal fewer lines are drawn: somebody waits.
const maxDrawnCells = 200 * liveLines
// A piece of history that travels whole.
const pieceChars = 64 * 1024

type Queued = Buffer | ScreenSize
const isOutput = (queued: Queued): queued is Buffer => Buffer.isBuffer(queued)

const silentShell: ShellState = { cwd: '', lastCommand: '', isBusy: false }

/** @param onAnswer receives what the screen itself would answer to a program's questions (cursor position, kind of terminal). */
export function createScreen(first: ScreenSize, events: Omit<DrawingEvents, 'onTitle'>): Screen {
  let queue: Queued[] = []
  let queuedBytes = 0
  let timer: NodeJS.Timeout | undefined
  let opening: Promise<Drawing> | undefined
  let drawing: Drawing | undefined
  let title = ''
  let isClosed = false
  // Whoever parses or draws has the terminal for itself.
  let isBusy = false
  const waiting: (() => void)[] = []

  // Loaded with the first output that is parsed, and so after the first output that is shown.
  async function open(): Promise<Drawing> {
    opening ??= openDrawing(first, { ...events, onTitle: (changed) => (title = changed) })
    drawing = await opening
    return drawing
  }

  async function take(): Promise<void> {
    if (isBusy) await new Promise<void>((resolve) => waiting.push(resolve))
    isBusy = true
  }

  function release() {
    const next = waiting.shift()
    if (next) return next()
    isBusy = false
    schedule()
  }

  function schedule() {
    if (timer || isBusy || queue.length === 0 || isClosed) return
    timer = setTimeout(async () => {
      timer = undefined
      if (isBusy) return // whoever is done will schedule again
      isBusy = true
      await parseSlice(await open())
      release()
    }, sliceEveryMs)
  }

  /** Takes up to a slice from the queue, or one change of size. */
  async function parseSlice(on: Drawing): Promise<void> {
    const next = queue.shift()
    if (!next || isClosed) return
    if (!isOutput(next)) return on.resize(next)
    const slice = next.subarray(0, sliceEnd(next))
    if (slice.length < next.length) queue.unshift(next.subarray(slice.length))
    queuedBytes -= slice.length
    await on.write(slice)
  }

  function skimQueue(bytes: number, lines = Number.POSITIVE_INFINITY) {
    queue = skimTo(queue, bytes, lines)
    queuedBytes = queue.filter(isOutput).reduce((sum, output) => sum + output.length, 0)
  }

  return {
    get title() {
      return title
    },
    get shell() {
      return drawing?.shell ?? silentShell
    },
    feed(output) {
      queue.push(output)
      queuedBytes += output.length
      if (queuedBytes > skimAboveBytes) skimQueue(keepBytes)
      schedule()
    },
    resize(size) {
      queue.push(size)
      schedule()
    },
    async hold() {
      await take()
      const held = await open()
      skimQueue(keepForHoldBytes, keepForHoldLines)
      while (queue.length > 0 && !isClosed) await parseSlice(held)
      return {
        size: held.size,
        draw: async () => Buffer.concat(await draw(held.screen())),
        async history(maxBytes) {
          const lines = Math.floor(maxDrawnCells / held.size.cols)
          return newestWithin(await draw(held.history(Math.max(0, held.historyLines - lines))), maxBytes)
        },
        release,
      }
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      queue = []
      opening?.then((opened) => opened.close())
    },
  }
}

/** In slices, with a turn of the event loop between them. */
async function draw(rows: Generator<string>): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  let text = ''
  let beganAt = performance.now()
  for (const row of rows) {
    text += row
    const isLate = performance.now() - beganAt >= drawSliceMs
    if (text.length >= pieceChars || isLate) {
      pieces.push(Buffer.from(text))
      text = ''
    }
    if (!isLate) continue
    await nextTurn()
    beganAt = performance.now()
  }
  pieces.push(Buffer.from(text))
  return pieces
}

function newestWithin(pieces: readonly Buffer[], maxBytes: number): Buffer[] {
  let bytes = 0
  let first = pieces.length
  while (first > 0 && bytes + (pieces[first - 1] as Buffer).length <= maxBytes) {
    bytes += (pieces[--first] as Buffer).length
  }
  return pieces.slice(first)
}

const lineFeed = 0x0a

function sliceEnd(output: Buffer): number {
  const end = Math.min(sliceBytes, output.length)
  let at = 0
  for (let lines = 0; lines < sliceLines; lines++) {
    at = output.indexOf(lineFeed, at) + 1
    if (at === 0 || at >= end) return end
  }
  return at
}

/** Skims all but the newest so many bytes or lines, a slice at the front and the changes of size excepted. */
function skimTo(queue: readonly Queued[], keepBytes: number, keepLines: number): Queued[] {
  let newest = queue.length
  for (let bytes = 0, lines = 0; newest > 0 && bytes < keepBytes && lines < keepLines; newest--) {
    const queued = queue[newest - 1] as Queued
    if (!isOutput(queued)) continue
    bytes += queued.length
    if (keepLines < Number.POSITIVE_INFINITY) lines += countLines(queued)
  }
  if (newest === 0) return [...queue]
  const old = queue.slice(0, newest)
  const lastSize = old.findLast((queued) => !isOutput(queued))
  // The front may begin in the middle of a sequence or a character that the parser has half read.
  const [first = Buffer.alloc(0), ...more] = old.filter(isOutput)
  const front = first.subarray(0, sliceEnd(first))
  const lasting = skim([first.subarray(front.length), ...more])
  return [front, lasting, ...(lastSize ? [lastSize] : []), ...queue.slice(newest)]
}

function countLines(output: Buffer): number {
  let lines = 0
  for (let at = output.indexOf(lineFeed); at !== -1; at = output.indexOf(lineFeed, at + 1)) lines++
  return lines
}
