// Entry of the screen worker thread: parses, draws and records terminal screens, beside the thread on which
// keystrokes pass. The other end is screen-worker-client.ts.

import { parentPort } from 'node:worker_threads'
import {
  type Opening,
  type QueryResult,
  reportConsumedBytes,
  type ScreenQuery,
  type WorkerEvent,
  type WorkerRequest,
} from './messages.ts'
import { type KeepLimits, Recorder } from './record/recorder.ts'
import { readSavedScreen } from './record/session-files.ts'
import { createScreen, type Screen } from './screen/screen.ts'
import type { ScreenSnapshot } from './screen/screen-snapshot.ts'

const port = parentPort
if (!port) throw new Error('screen-worker must run in a worker thread')

interface OpenScreen {
  readonly screen: Screen
  readonly recorder: Recorder | undefined
  still: ScreenSnapshot | undefined
  /** Total bytes of output received from the session. */
  end: number
}

const screens = new Map<number, Promise<OpenScreen>>()
const limits: KeepLimits = { lines: 0 }
let isTyping = false

/** Bytes parsed and not acknowledged yet. */
let takenBytes = 0

const say = (message: WorkerEvent, handedOver: ArrayBuffer[] = []) => port.postMessage(message, handedOver)

const takers: { readonly [T in WorkerRequest['type']]: (message: Extract<WorkerRequest, { type: T }>) => unknown } = {
  open: ({ screen, opening }) => screens.set(screen, open(screen, opening)),
  async feed({ screen, fed, end, isTyping: isNow }) {
    isTyping = isNow
    const opened = await screens.get(screen)
    for (const next of fed) {
      if (!(next instanceof Uint8Array)) opened?.screen.resize(next)
      else {
        opened?.screen.feed(Buffer.from(next.buffer, next.byteOffset, next.length))
        take(next.length)
      }
    }
    if (opened) opened.end = end
  },
  async describe({ screen, description }) {
    ;(await screens.get(screen))?.recorder?.describe(description)
  },
  async freeze({ screen }) {
    await (await screens.get(screen))?.screen.freeze()
  },
  async close({ screen }) {
    // Immediately: the screen may be opened again before its files are read.
    const opening = screens.get(screen)
    screens.delete(screen)
    ;(await opening)?.screen.close()
  },
  async keepLines({ lines }) {
    limits.lines = lines
    if (lines > 0) return
    for (const opening of screens.values()) await (await opening).recorder?.remove(false)
  },
  async ask({ screen, question, ask }) {
    try {
      const opened = await screens.get(screen)
      if (ask.type === 'hear') return answer(question, undefined)
      if (!opened) throw new Error('This screen is closed.')
      answer(question, await answerOf(opened, ask))
    } catch (error) {
      say({ type: 'failed', question, message: (error as Error).message })
    }
  },
}

// An error in one screen must not end the others.
process.on('uncaughtException', (error) =>
  say({ type: 'trouble', message: `Error in a terminal screen: ${error.stack}` }),
)
say({ type: 'ready' })
port.on('message', (message: WorkerRequest) => (takers[message.type] as (message: WorkerRequest) => unknown)(message))

// Acknowledgements are batched: one per keystroke would be too many.
function take(bytes: number): void {
  takenBytes += bytes
  if (takenBytes < reportConsumedBytes) return
  say({ type: 'taken', bytes: takenBytes })
  takenBytes = 0
}

async function open(number: number, { size, nonce, folder, isRestored }: Opening): Promise<OpenScreen> {
  const sayTrouble = ({ message }: Error): undefined => {
    say({
      type: 'trouble',
      message: `Could not store a terminal screen in ${folder}: ${message}. The terminal is not affected; storing is retried.`,
    })
  }
  const saved = folder === undefined ? undefined : await readSavedScreen(folder).catch(sayTrouble)
  const generation = saved?.generation ?? (isRestored ? 0 : undefined)
  const recorder = folder === undefined ? undefined : new Recorder(folder, limits, sayTrouble, generation)
  const screen = createScreen(size, {
    nonce,
    isTyping: () => isTyping,
    onAnswer: (reply) => say({ type: 'reply', screen: number, reply }),
    onCommand: (command) => say({ type: 'command', screen: number, command }),
    onChange: ({ title, shell }) => say({ type: 'changed', screen: number, title, shell }),
    ...(recorder && { recorder }),
    ...(isRestored && saved && { saved }),
  })
  return { screen, recorder, still: undefined, end: 0 }
}

async function answerOf(opened: OpenScreen, ask: Exclude<ScreenQuery, { type: 'hear' }>): Promise<QueryResult> {
  const { screen, recorder } = opened
  if (ask.type === 'hold') {
    const still = await screen.hold()
    opened.still = still
    return { size: still.size, end: opened.end }
  }
  if (ask.type === 'keep') {
    ;(await screen.hold()).release()
    await recorder?.close()
    return undefined
  }
  if (ask.type === 'forget') {
    await recorder?.remove(true)
    return undefined
  }
  const { still } = opened
  if (!still) throw new Error('This screen is not held.')
  if (ask.type === 'draw') return still.draw(ask.withImages)
  if (ask.type === 'history') return still.history(ask.maxBytes, ask.withImages)
  opened.still = undefined
  still.release()
  return undefined
}

function answer(question: number, answered: QueryResult): void {
  // Small buffers share a pool, which must not be transferred.
  const handOver = (bytes: Uint8Array) => (bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes))
  if (answered instanceof Uint8Array) {
    const bytes = handOver(answered)
    say({ type: 'answer', question, answer: bytes }, [bytes.buffer as ArrayBuffer])
  } else if (Array.isArray(answered)) {
    const pieces = (answered as readonly Uint8Array[]).map(handOver)
    say({ type: 'answer', question, answer: pieces }, [...new Set(pieces.map(({ buffer }) => buffer as ArrayBuffer))])
  } else say({ type: 'answer', question, answer: answered })
}
