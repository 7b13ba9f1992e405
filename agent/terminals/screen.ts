// What a terminal shows, kept beside the pty without slowing it: output is queued and parsed when there is time, and
// a flood, which comes three times as fast as it can be parsed, is skimmed. Gives the screen as text that draws it.

import type { SerializeAddon } from '@xterm/addon-serialize'
import type { Terminal } from '@xterm/headless'
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
  /** Parses all that was fed and draws it. The caller sees to it that nothing more is fed meanwhile. */
  snapshot(): Promise<Buffer>
  close(): void
}

// Lines above the visible ones: 200 columns of them are 5 MB, and a snapshot of them takes some 20 ms.
const scrollbackLines = 2_000

// Above this the queue is skimmed …
const skimAboveBytes = 2 * 1024 * 1024
// … down to this, whole scrollback screens of usual text.
const keepBytes = 1024 * 1024
// What is worth parsing while somebody waits for the snapshot: all of the scrollback of usual text, in some 20 ms.
const keepForSnapshotBytes = 512 * 1024

// A longer snapshot is drawn again with less scrollback; more cells than those of a usual terminal's are not begun with,
// as other terminals wait while one is drawn.
const maxSnapshotBytes = 2 * 1024 * 1024
const maxSnapshotCells = 200 * scrollbackLines

// Parsing goes on in slices of 0.6 ms, so that another terminal's keystroke waits no longer, and while output comes
// there is one slice in ten milliseconds: what was drawn before a flood is parsed before the flood is skimmed.
const sliceBytes = 16 * 1024
const sliceEveryMs = 10

type Queued = Buffer | ScreenSize
const isOutput = (queued: Queued): queued is Buffer => Buffer.isBuffer(queued)

/** @param answer receives what the screen itself would answer to a program's questions (cursor position, kind of terminal). */
export function createScreen(first: ScreenSize, answer: (reply: string) => void): Screen {
  let queue: Queued[] = []
  let queuedBytes = 0
  let timer: NodeJS.Timeout | undefined
  let drawing: Promise<Drawing> | undefined
  let title = ''
  let isClosed = false

  // Loaded with the first output that is parsed, and so after the first output that is shown.
  const open = () => (drawing ??= openDrawing(first, answer, (changed) => (title = changed)))

  function schedule() {
    if (timer || queue.length === 0 || isClosed) return
    timer = setTimeout(async () => {
      await parseSlice()
      timer = undefined
      schedule()
    }, sliceEveryMs)
  }

  /** Takes up to a slice from the queue, or one change of size. */
  async function parseSlice(): Promise<void> {
    const drawing = await open()
    const next = queue.shift()
    if (!next || isClosed) return
    if (!isOutput(next)) return drawing.resize(next)
    const slice = next.subarray(0, sliceBytes)
    if (slice.length < next.length) queue.unshift(next.subarray(sliceBytes))
    queuedBytes -= slice.length
    await drawing.write(slice)
  }

  function skimQueue(keep: number) {
    const { skimmed, bytes } = skimTo(queue, keep)
    queue = skimmed
    queuedBytes = bytes
  }

  return {
    get title() {
      return title
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
    async snapshot() {
      const drawing = await open()
      if (queuedBytes > keepForSnapshotBytes) skimQueue(keepForSnapshotBytes)
      while (queue.length > 0 && !isClosed) await parseSlice()
      // Whatever a slice under way had taken from the queue is in the parser before this.
      await drawing.write(Buffer.alloc(0))
      return drawing.draw()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      queue = []
      drawing?.then((opened) => opened.close())
    },
  }
}

/** Skims all but the newest `keep` bytes, a slice at the front and the changes of size excepted. */
function skimTo(queue: readonly Queued[], keep: number): { skimmed: Queued[]; bytes: number } {
  let newest = queue.length
  for (let bytes = 0; newest > 0 && bytes < keep; newest--) {
    const queued = queue[newest - 1] as Queued
    if (isOutput(queued)) bytes += queued.length
  }
  const old = queue.slice(0, newest)
  const lastSize = old.findLast((queued) => !isOutput(queued))
  // The front may begin in the middle of a sequence or a character that the parser has half read.
  const [first = Buffer.alloc(0), ...more] = old.filter(isOutput)
  const front = first.subarray(0, sliceBytes)
  const lasting = skim([first.subarray(front.length), ...more])
  const skimmed = [front, lasting, ...(lastSize ? [lastSize] : []), ...queue.slice(newest)]
  return { skimmed, bytes: skimmed.filter(isOutput).reduce((sum, output) => sum + output.length, 0) }
}

interface Drawing {
  write(output: Buffer): Promise<void>
  resize(size: ScreenSize): void
  draw(): Buffer
  close(): void
}

async function openDrawing(
  size: ScreenSize,
  answer: (reply: string) => void,
  onTitle: (title: string) => void,
): Promise<Drawing> {
  const [{ default: headless }, serialize, graphemes] = await Promise.all([
    import('@xterm/headless'),
    import('@xterm/addon-serialize'),
    import('@xterm/addon-unicode-graphemes'),
  ])
  const terminal = new headless.Terminal({ ...size, scrollback: scrollbackLines, allowProposedApi: true })
  const serializer = new serialize.default.SerializeAddon()
  // The addons' types name the browser's terminal; what they use of it is the same here.
  terminal.loadAddon(serializer as unknown as Parameters<Terminal['loadAddon']>[0])
  terminal.loadAddon(new graphemes.default.UnicodeGraphemesAddon() as unknown as Parameters<Terminal['loadAddon']>[0])
  terminal.unicode.activeVersion = '15-graphemes'
  terminal.onData(answer)
  terminal.onTitleChange(onTitle)
  const extras = watchExtras(terminal)
  return {
    write: (output) => new Promise((resolve) => terminal.write(output, resolve)),
    resize: ({ cols, rows }) => terminal.resize(cols, rows),
    draw: () => Buffer.from(drawBounded(serializer, terminal.cols) + extras()),
    close: () => terminal.dispose(),
  }
}

function drawBounded(serializer: SerializeAddon, cols: number): string {
  let scrollback = Math.min(scrollbackLines, Math.floor(maxSnapshotCells / cols))
  for (;;) {
    const text = serializer.serialize({ scrollback })
    if (text.length <= maxSnapshotBytes || scrollback === 0) return text
    // Cells cost about the same everywhere: one more try is mostly the last.
    scrollback = Math.floor((scrollback * maxSnapshotBytes) / text.length / 1.2)
  }
}

/** Private modes that outlive the sequence that set them, and that the serializer leaves out: cursor hidden, mouse
 *  coordinates in their newer forms, what the wheel does in the alternate screen. */
const watchedModes = new Map([
  [25, true],
  [1005, false],
  [1006, false],
  [1007, false],
  [1015, false],
  [1016, false],
])

/** Remembers what the serializer does not give. @returns a function that gives it as sequences. */
function watchExtras(terminal: Terminal): () => string {
  const modes = new Map<number, boolean>()
  let title: string | undefined
  let cursorStyle = ''
  let scrollRegion = ''

  const setModes = (isOn: boolean) => (params: (number | number[])[]) => {
    for (const mode of params) {
      if (typeof mode === 'number' && watchedModes.has(mode)) modes.set(mode, isOn)
    }
    return false // and on to the terminal's own handler
  }
  const forget = () => {
    modes.clear()
    cursorStyle = ''
    scrollRegion = ''
    return false
  }
  const { parser } = terminal
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, setModes(true))
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, setModes(false))
  parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([style]) => {
    cursorStyle = `\x1b[${Number(style ?? 0)} q`
    return false
  })
  parser.registerCsiHandler({ final: 'r' }, ([top, bottom]) => {
    const isWhole = Number(top ?? 0) <= 1 && (!bottom || Number(bottom) >= terminal.rows)
    scrollRegion = isWhole ? '' : `\x1b[${Number(top ?? 0)};${Number(bottom ?? 0)}r`
    return false
  })
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, forget)
  parser.registerEscHandler({ final: 'c' }, forget)
  terminal.onTitleChange((changed) => (title = changed))
  terminal.onResize(() => (scrollRegion = ''))

  return () => {
    const changed = [...modes].filter(([mode, isOn]) => watchedModes.get(mode) !== isOn)
    const modeText = changed.map(([mode, isOn]) => `\x1b[?${mode}${isOn ? 'h' : 'l'}`).join('')
    // Setting the region moves the cursor; save it over that.
    const regionText = scrollRegion ? `\x1b7${scrollRegion}\x1b8` : ''
    const titleText = title === undefined ? '' : `\x1b]2;${title}\x07`
    return regionText + cursorStyle + modeText + titleText
  }
}
