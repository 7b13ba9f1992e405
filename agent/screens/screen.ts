// What a terminal shows: output is queued and parsed when there is time, and a flood, which comes three times as fast as
// it can be parsed, is skimmed. Gives the screen as text that draws it.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Drawing, type DrawingEvents, liveLines, openDrawing } from './drawing.ts'
import type { SavedScreen } from './kept-files.ts'
import type { ShellState } from './marks.ts'
import { silentShell } from './messages.ts'
import { isOutput, type Queued, skimTo, sliceBytes, sliceEnd, sliceLines } from './queue.ts'
import type { Recorder } from './recorder.ts'
import { isSameSize, type ScreenSize } from './screen-size.ts'
import { endsInText, unfinishedEnd, unfinishedString } from './skim.ts'

export interface Screen {
  /** Takes the memory over: it must not be written again. */
  feed(output: Buffer): void
  resize(size: ScreenSize): void
  /** Parses all that was fed, and holds still until it is released. Only one holds it: the next waits.
   *  @throws Error when the screen cannot be had at all; asking again may help. */
  hold(): Promise<StillScreen>
  close(): void
}

/** As far as parsed. */
export interface ScreenState {
  /** That a program gave its terminal. */
  readonly title: string
  /** What the shell does, as far as it tells. */
  readonly shell: ShellState
}

export interface StillScreen {
  readonly size: ScreenSize
  /** What is visible, and how the terminal is set. */
  draw(withImages?: boolean): Promise<Buffer>
  /** The lines above, oldest first; of more than `maxBytes` the newest. Ends so that what `draw` gives goes on. */
  history(maxBytes: number, withImages?: boolean): Promise<Buffer[]>
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

// While output comes there is one slice of 0.6 ms in ten milliseconds: what was drawn before a flood is parsed before the
// flood is skimmed, and the processors are for whoever types.
const sliceEveryMs = 10
// Where a slice takes long, as its lines are written down and others want the processor too, the next one waits for
// several times as long: whoever types comes first.
const restPerSlice = 4
const longestRestMs = 150
// While somebody types, fewer and shorter ones: each line is written down after it was parsed, which takes longer still.
const besideTyping = { everyMs: 50, lines: 256 }

// Lines above the live ones are let go of so many at a time.
const sweepLines = 256

// In which the beginning of an unfinished sequence is looked for.
const heldBackBytes = 4 * 1024

const escapeByte = 0x1b
const bellByte = 0x07
// A string that is longer, 10 MB, is none for xterm either.
const maxOpenSlices = 10_000_000 / sliceBytes

// Another terminal's screen waits no longer than this.
const drawSliceMs = 2
// Of a very wide terminal fewer lines are drawn: somebody waits.
const maxDrawnCells = 200 * liveLines
// A piece of history that travels whole.
const pieceChars = 64 * 1024

export interface ScreenOptions extends Omit<DrawingEvents, 'onTitle' | 'now'> {
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

export function createScreen(
  first: ScreenSize,
  { recorder, saved, nonce = '', isTyping = () => false, onChange, ...events }: ScreenOptions,
): Screen {
  let queue: Queued[] = []
  let queuedBytes = 0
  let timer: NodeJS.Timeout | undefined
  let opening: Promise<Drawing> | undefined
  let title = ''
  let told: ScreenState = { title, shell: silentShell }
  /** The end of it. */
  let parsed: Buffer = Buffer.alloc(0)
  /** The string that it ends in, a picture mostly, when its end has not come. */
  let openString: Buffer[] = []
  let isClosed = false
  // Whoever parses or draws has the terminal for itself.
  let isBusy = false
  const waiting: (() => void)[] = []

  // Loaded with the first output that is parsed, and so after the first output that is shown.
  async function open(): Promise<Drawing> {
    opening ??= begin()
    try {
      return await opening
    } catch (error) {
      opening = undefined // the next one tries again
      throw error
    }
  }

  async function begin(): Promise<Drawing> {
    if (!saved) {
      recorder?.resize(first)
      return openDrawing(first, nonce, { ...events, onTitle: (changed) => (title = changed), now: Date.now })
    }
    let isPast = true
    const opened = await openDrawing(saved.size, nonce, {
      // Whoever asked then, and whatever ended then, is no longer there.
      onAnswer: (reply) => isPast || events.onAnswer(reply),
      onCommand: (command) => isPast || events.onCommand(command),
      onTitle: (changed) => (title = changed),
      now: () => (isPast ? undefined : Date.now()),
    })
    for (const record of [saved.checkpoint, ...saved.records]) {
      if (!isOutput(record)) await resizeTo(opened, record)
      else for (const slice of slicesOf(record)) await writeTo(opened, slice)
    }
    await opened.write(Buffer.from(opened.leave()))
    isPast = false
    if (!isSameSize(opened.size, first)) await resizeTo(opened, first)
    await checkpoint(opened)
    tell(opened)
    return opened
  }

  function tell({ shell }: Drawing) {
    if (title === told.title && shell === told.shell) return
    told = { title, shell }
    onChange?.(told)
  }

  async function writeTo(on: Drawing, slice: Buffer): Promise<void> {
    await on.write(slice)
    await sweep(on)
  }

  /** A narrower screen has more lines. */
  async function resizeTo(on: Drawing, size: ScreenSize): Promise<void> {
    on.resize(size)
    await sweep(on)
  }

  /** Lets go of lines above the live ones, once they are written down. */
  async function sweep(on: Drawing): Promise<void> {
    const surplus = on.historyLines - liveLines
    if (surplus < sweepLines) return
    recorder?.lines(await draw(on.history({ to: surplus })), surplus)
    on.trim(surplus)
  }

  async function checkpoint(on: Drawing): Promise<void> {
    if (!recorder?.wantsCheckpoint || isClosed) return
    const write = recorder.beginCheckpoint(on.size)
    const from = Math.max(0, on.historyLines - recorder.checkpointLines)
    write([...(await draw(on.history({ from, withImages: true }))), ...(await draw(on.screen(true)))])
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

  let restMs = sliceEveryMs

  function schedule() {
    if (timer || isBusy || queue.length === 0 || isClosed) return
    timer = setTimeout(async () => {
      timer = undefined
      if (isBusy) return // whoever is done will schedule again
      isBusy = true
      const beganAt = performance.now()
      try {
        const on = await open()
        await parseSlice(on)
        await checkpoint(on)
      } finally {
        const leastMs = isTyping() ? besideTyping.everyMs : sliceEveryMs
        restMs = Math.min(longestRestMs, Math.max(leastMs, restPerSlice * (performance.now() - beganAt)))
        release()
      }
    }, restMs)
  }

  /** Takes up to a slice from the queue, or one change of size. */
  async function parseSlice(on: Drawing): Promise<void> {
    const next = queue.shift()
    if (!next || isClosed) return
    if (!isOutput(next)) {
      recorder?.resize(next)
      return resizeTo(on, next)
    }
    const output = withFollowing(next)
    const slice = output.subarray(0, sliceEnd(output, isTyping() ? besideTyping.lines : sliceLines))
    if (slice.length < output.length) queue.unshift(output.subarray(slice.length))
    queuedBytes -= slice.length
    recorder?.output(slice)
    follow(slice)
    await writeTo(on, slice)
    tell(on)
  }

  /** Output that comes in many small pieces would otherwise wait for a turn each. */
  function withFollowing(first: Buffer): Buffer {
    const pieces = [first]
    for (let bytes = first.length; bytes < sliceBytes; ) {
      const [following] = queue
      if (!following || !isOutput(following)) break
      queue.shift()
      pieces.push(following)
      bytes += following.length
    }
    return pieces.length === 1 ? first : Buffer.concat(pieces)
  }

  function follow(slice: Buffer) {
    const isOpenStill = openString.length > 0 && !slice.includes(escapeByte) && !slice.includes(bellByte)
    const before = parsed
    parsed = Buffer.concat([before, slice]).subarray(-heldBackBytes)
    if (isOpenStill) openString.push(slice)
    else {
      const begun = unfinishedString(Buffer.concat([openString.length > 0 ? Buffer.alloc(0) : before, slice]))
      openString = begun.length > 0 ? [begun] : []
    }
    if (openString.length > maxOpenSlices) openString = []
  }

  function skimQueue(bytes: number, lines = Number.POSITIVE_INFINITY) {
    queue = skimTo(queue, bytes, lines)
    queuedBytes = queue.filter(isOutput).reduce((sum, output) => sum + output.length, 0)
  }

  return {
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
      let held: Drawing
      try {
        held = await open()
        skimQueue(keepForHoldBytes, keepForHoldLines)
        while (queue.length > 0 && !isClosed) await parseSlice(held)
      } catch (error) {
        release()
        throw error
      }
      return {
        size: held.size,
        async draw(withImages = false) {
          const pieces = await draw(held.screen(withImages))
          // What the parser holds back goes along, and what it would join stands last: what follows is the rest of it.
          const last = Buffer.from(endsInText(parsed) ? held.again() : '')
          return Buffer.concat([...pieces, last, ...(openString.length > 0 ? openString : [unfinishedEnd(parsed)])])
        },
        async history(maxBytes, withImages = false) {
          const lines = Math.floor(maxDrawnCells / held.size.cols)
          const from = Math.max(0, held.historyLines - lines)
          const live = newestWithin(await draw(held.history({ from, withImages })), maxBytes)
          const liveBytes = live.reduce((sum, piece) => sum + piece.length, 0)
          return [...((await recorder?.older(maxBytes - liveBytes, held.historyLines)) ?? []), ...live]
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

function* slicesOf(output: Buffer): Generator<Buffer> {
  for (let at = 0; at < output.length; ) {
    const slice = output.subarray(at, at + sliceEnd(output.subarray(at, at + sliceBytes)))
    yield slice
    at += slice.length
  }
}
