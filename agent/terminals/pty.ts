// One pseudo-terminal and the process on it. Owns the file descriptor and says the order of the end: every byte of
// output first, then the exit. Knows nothing of clients or screens.
//
// It calls the native part of node-pty directly. The package's own wrapper destroys the descriptor 200 ms after the
// process ended, also while reading is paused for a slow client, and what the client had not read is lost.

import { createRequire } from 'node:module'
import { ReadStream } from 'node:tty'
import { imageCell } from '../../api/agents/agent-protocol.ts'

interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string }
  resize(fd: number, cols: number, rows: number, pixelWidth: number, pixelHeight: number): void
  process(fd: number, pty: string): string
}

export interface PtyExit {
  /** 0 to 255. */
  readonly code: number
  /** Number of the signal that ended the process, 0 for none. */
  readonly signal: number
}

export interface PtyOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly cols: number
  readonly rows: number
  /** The bytes are only good during the call: the next read overwrites them. */
  readonly onOutput: (bytes: Buffer) => void
  /** Called once, after the last output. */
  readonly onExit: (exit: PtyExit) => void
}

export interface Pty {
  readonly pid: number
  /** Input that the process has not read yet and the kernel did not take. */
  readonly waitingInputBytes: number
  write(bytes: Uint8Array): void
  resize(cols: number, rows: number): void
  pause(): void
  resume(): void
  /** Name of the process in the foreground. */
  foreground(): string
  /** Hangs up, as closing a terminal window does; kills what is left of the process's group after `graceMs`. */
  close(graceMs: number): void
}

// What the kernel hands out per read is 4 KB; the room above serves systems that give more. One buffer for all ptys:
// its content is taken during the callback.
const readBuffer = Buffer.allocUnsafe(64 * 1024)

// After the process's end the kernel reports the end of the terminal too, unless something still holds it open. Then
// the output counts as complete when nothing came for this long.
const quietAfterExitMs = 200

/** @throws Error when no pseudo-terminal can be had (the system's limit); the message is for the person. */
export function openPty(options: PtyOptions): Pty {
  const native = loadNative()
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`)
  let exit: PtyExit | undefined
  let isPaused = false
  let isClosed = false
  let quiet: NodeJS.Timeout | undefined
  let kill: NodeJS.Timeout | undefined

  const onNativeExit = (code: number, signal: number) => {
    exit = { code, signal }
    clearTimeout(kill)
    if (isClosed) options.onExit(exit)
    else awaitQuiet()
  }
  const helper = process.platform === 'darwin' ? spawnHelper() : ''
  const { cols, rows } = options
  const child = forkOrExplain(() =>
    native.fork(options.file, options.args, env, options.cwd, cols, rows, -1, -1, false, helper, onNativeExit),
  )

  // Programs that draw pictures go by the pixels.
  const resizeNative = (newCols: number, newRows: number) =>
    native.resize(child.fd, newCols, newRows, newCols * imageCell.width, newRows * imageCell.height)
  resizeNative(cols, rows)

  const stream = openStream(child.fd, (length) => {
    if (exit) awaitQuiet()
    options.onOutput(readBuffer.subarray(0, length))
  })
  // Reading fails with EIO when the last process has left the terminal: that is its end, not a fault.
  stream.on('error', () => stream.destroy())
  stream.on('close', () => {
    isClosed = true
    clearTimeout(quiet)
    if (exit) options.onExit(exit)
  })

  function awaitQuiet() {
    clearTimeout(quiet)
    if (!isPaused) quiet = setTimeout(() => stream.destroy(), quietAfterExitMs)
  }

  const signalGroup = (signal: NodeJS.Signals) => {
    if (exit) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // the group is gone; its exit is about to be told
    }
  }

  return {
    pid: child.pid,
    get waitingInputBytes() {
      return stream.writableLength
    },
    write: (bytes) => {
      if (!isClosed && !exit) stream.write(bytes)
    },
    resize: (newCols, newRows) => {
      if (!isClosed && !exit) resizeNative(newCols, newRows)
    },
    pause() {
      isPaused = true
      clearTimeout(quiet)
      stream.pause()
    },
    resume() {
      isPaused = false
      if (isClosed) return
      if (exit) awaitQuiet()
      stream.resume()
    },
    foreground: () => (isClosed ? '' : native.process(child.fd, child.pty) || ''),
    close(graceMs) {
      signalGroup('SIGHUP')
      stream.destroy()
      kill = setTimeout(() => signalGroup('SIGKILL'), graceMs)
    },
  }
}

/** The native part says no more than that it did not work. The reason has to fit into the close frame of a WebSocket. */
function forkOrExplain(fork: () => ReturnType<NativePty['fork']>): ReturnType<NativePty['fork']> {
  try {
    return fork()
  } catch (cause) {
    const reason = 'The system allows no more terminals, processes or open files. End some, or raise its limits.'
    throw new Error(reason, { cause })
  }
}

function openStream(fd: number, onRead: (length: number) => void): ReadStream {
  const read = {
    buffer: readBuffer,
    callback(length: number) {
      onRead(length)
      return true
    },
  }
  // The types know no options here; they are net.Socket's.
  const Stream = ReadStream as unknown as new (fd: number, options: object) => ReadStream
  return new Stream(fd, { onread: read }).resume()
}

const requireHere = createRequire(import.meta.url)
const prebuilt = `node-pty/prebuilds/${process.platform}-${process.arch}`

let loaded: NativePty | undefined
function loadNative(): NativePty {
  loaded ??= requireHere(`${prebuilt}/pty.node`) as NativePty
  return loaded
}

const spawnHelper = () => requireHere.resolve(`${prebuilt}/spawn-helper`)
