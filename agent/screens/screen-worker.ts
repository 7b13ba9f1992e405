// Entry of the screen worker thread: parses, draws and records terminal screens, so that the holder's main thread only
// passes on keystrokes and output. The other end is screen-worker-client.ts.

import { parentPort } from 'node:worker_threads'
import {
  acknowledgeEveryBytes,
  type OpenOptions,
  type QueryResult,
  type ScreenQuery,
  type WorkerEvent,
  type WorkerRequest,
} from './messages.ts'
import { Recorder, type RetentionLimits } from './record/recorder.ts'
import { readSavedScreen } from './record/session-files.ts'
import { createScreen, type Screen } from './screen/screen.ts'
import type { ScreenSnapshot } from './screen/screen-snapshot.ts'

const port = parentPort
if (!port) throw new Error('screen-worker must run in a worker thread')

interface OpenScreen {
  readonly screen: Screen
  readonly recorder: Recorder | undefined
  snapshot: ScreenSnapshot | undefined
  /** Total bytes of output received from the session. */
  end: number
}

const screens = new Map<number, Promise<OpenScreen>>()
const limits: RetentionLimits = { lines: 0 }
let isTyping = false

/** Bytes parsed and not acknowledged yet. */
let unacknowledgedBytes = 0

const post = (message: WorkerEvent, transferred: ArrayBuffer[] = []) => port.postMessage(message, transferred)

const handlers: { readonly [T in WorkerRequest['type']]: (message: Extract<WorkerRequest, { type: T }>) => unknown } = {
  open: ({ screen, options }) => screens.set(screen, open(screen, options)),
  async feed({ screen, input, end, isTyping: isTypingNow }) {
    isTyping = isTypingNow
    const opened = await screens.get(screen)
    for (const next of input) {
      if (!(next instanceof Uint8Array)) opened?.screen.resize(next)
      else {
        opened?.screen.feed(Buffer.from(next.buffer, next.byteOffset, next.length))
        acknowledge(next.length)
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
    const closed = screens.get(screen)
    // Deleted first: the screen may be opened again before its files are read.
    screens.delete(screen)
    ;(await closed)?.screen.close()
  },
  async setStoredLines({ lines }) {
    limits.lines = lines
    if (lines > 0) return
    for (const opened of screens.values()) await (await opened).recorder?.remove(false)
  },
  async query({ screen, id, query }) {
    try {
      const opened = await screens.get(screen)
      if (query.type === 'ping') return answer(id, undefined)
      if (!opened) throw new Error('This screen is closed.')
      answer(id, await runQuery(opened, query))
    } catch (error) {
      post({ type: 'failed', id, message: (error as Error).message })
    }
  },
}

// An error in one screen must not end the others.
process.on('uncaughtException', (error) =>
  post({ type: 'error', message: `Error in a terminal screen: ${error.stack}` }),
)
post({ type: 'ready' })
port.on('message', (message: WorkerRequest) => (handlers[message.type] as (message: WorkerRequest) => unknown)(message))

// Acknowledgments are batched: one per keystroke would be too many.
function acknowledge(bytes: number): void {
  unacknowledgedBytes += bytes
  if (unacknowledgedBytes < acknowledgeEveryBytes) return
  post({ type: 'acknowledge', bytes: unacknowledgedBytes })
  unacknowledgedBytes = 0
}

async function open(number: number, { size, nonce, folder, isRestored }: OpenOptions): Promise<OpenScreen> {
  const reportError = ({ message }: Error): undefined => {
    post({
      type: 'error',
      message: `Could not store a terminal screen in ${folder}: ${message}. The terminal is not affected; storing is retried.`,
    })
  }
  const saved = folder === undefined ? undefined : await readSavedScreen(folder).catch(reportError)
  const generation = saved?.generation ?? (isRestored ? 0 : undefined)
  const recorder = folder === undefined ? undefined : new Recorder(folder, limits, reportError, generation)
  const screen = createScreen(size, {
    nonce,
    isTyping: () => isTyping,
    onReply: (reply) => post({ type: 'reply', screen: number, reply }),
    onCommand: (command) => post({ type: 'command', screen: number, command }),
    onChange: ({ title, shell }) => post({ type: 'changed', screen: number, title, shell }),
    ...(recorder && { recorder }),
    ...(isRestored && saved && { saved }),
  })
  return { screen, recorder, snapshot: undefined, end: 0 }
}

async function runQuery(opened: OpenScreen, query: Exclude<ScreenQuery, { type: 'ping' }>): Promise<QueryResult> {
  const { screen, recorder } = opened
  if (query.type === 'hold') {
    const snapshot = await screen.hold()
    opened.snapshot = snapshot
    return { size: snapshot.size, end: opened.end }
  }
  if (query.type === 'store') {
    ;(await screen.hold()).release()
    await recorder?.close()
    return undefined
  }
  if (query.type === 'deleteRecording') {
    await recorder?.remove(true)
    return undefined
  }
  const { snapshot } = opened
  if (!snapshot) throw new Error('This screen is not held.')
  if (query.type === 'draw') return snapshot.draw(query.withImages)
  if (query.type === 'history') return snapshot.history(query.maxBytes, query.withImages)
  opened.snapshot = undefined
  snapshot.release()
  return undefined
}

function answer(id: number, result: QueryResult): void {
  // Small buffers share a pool, which must not be transferred.
  const transferable = (bytes: Uint8Array) => (bytes.length === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes))
  if (result instanceof Uint8Array) {
    const bytes = transferable(result)
    post({ type: 'answer', id, result: bytes }, [bytes.buffer as ArrayBuffer])
  } else if (Array.isArray(result)) {
    const pieces = (result as readonly Uint8Array[]).map(transferable)
    post({ type: 'answer', id, result: pieces }, [...new Set(pieces.map(({ buffer }) => buffer as ArrayBuffer))])
  } else post({ type: 'answer', id, result })
}
