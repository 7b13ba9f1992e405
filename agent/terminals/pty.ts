// One pseudo-terminal and its process. Owns the file descriptor and guarantees the order of events: all output first,
// then the exit. Independent of clients and screens.
//
// Calls the native part of node-pty directly. The package's own wrapper destroys the descriptor 200 ms after the
// process exits, even while reading is paused for a slow client, and loses the output that was not read.

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
  /** Number of the terminating signal, 0 for none. */
  readonly signal: number
}

export interface PtyOptions {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly cols: number
  readonly rows: number
  /** The buffer is valid during the call only: the next read overwrites it. */
  readonly onOutput: (bytes: Buffer) => void
  /** Called once, after the last output. */
  readonly onExit: (exit: PtyExit) => void
}

export interface Pty {
  readonly pid: number
  /** Bytes of input not accepted by the kernel yet. */
  readonly waitingInputBytes: number
  /** @param onWritten called when the kernel has accepted the bytes */
  write(bytes: Uint8Array, onWritten?: () => void): void
  resize(cols: number, rows: number): void
  pause(): void
  resume(): void
  /** Name of the foreground process. */
  foreground(): string
  /** Sends SIGHUP, as closing a terminal window does; kills the remaining process group after `graceMs`. */
  close(graceMs: number): void
}

// Linux returns up to 4 KB per read; other systems return more. One buffer for all ptys: the callback consumes its
// content.
const readBuffer = Buffer.allocUnsafe(64 * 1024)

// After the process exits, the kernel reports end of file unless another process holds the terminal open. Then the
// output is complete after this long without data.
const quietAfterExitMs = 200

/** @throws Error when no pseudo-terminal is available (system limit); the message is for users. */
export function openPty(options: PtyOptions): Pty {
  const native = loadNative()
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`)
  let exit: PtyExit | undefined
  let isPaused = false
  let isClosed = false
  let quietTimer: NodeJS.Timeout | undefined
  let killTimer: NodeJS.Timeout | undefined

  const onNativeExit = (code: number, signal: number) => {
    exit = { code, signal }
    clearTimeout(killTimer)
    if (isClosed) options.onExit(exit)
    else awaitQuiet()
  }
  const helper = process.platform === 'darwin' ? spawnHelper() : ''
  const { cols, rows } = options
  const child = forkOrExplain(() =>
    native.fork(options.file, options.args, env, options.cwd, cols, rows, -1, -1, false, helper, onNativeExit),
  )

  // Programs that draw images need the pixel size.
  const resizeNative = (newCols: number, newRows: number) =>
    native.resize(child.fd, newCols, newRows, newCols * imageCell.width, newRows * imageCell.height)
  resizeNative(cols, rows)

  const stream = openStream(child.fd, (length) => {
    if (exit) awaitQuiet()
    options.onOutput(readBuffer.subarray(0, length))
  })
  // EIO on read means that the last process has closed the terminal.
  stream.on('error', () => stream.destroy())
  stream.on('close', () => {
    isClosed = true
    clearTimeout(quietTimer)
    if (exit) options.onExit(exit)
  })

  function awaitQuiet() {
    clearTimeout(quietTimer)
    if (!isPaused) quietTimer = setTimeout(() => stream.destroy(), quietAfterExitMs)
  }

  const signalGroup = (signal: NodeJS.Signals) => {
    if (exit) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // the group has exited; the exit event follows
    }
  }

  return {
    pid: child.pid,
    get waitingInputBytes() {
      return stream.writableLength
    },
    write: (bytes, onWritten) => {
      if (!isClosed && !exit) stream.write(bytes, onWritten)
    },
    resize: (newCols, newRows) => {
      if (!isClosed && !exit) resizeNative(newCols, newRows)
    },
    pause() {
      isPaused = true
      clearTimeout(quietTimer)
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
      killTimer = setTimeout(() => signalGroup('SIGKILL'), graceMs)
    },
  }
}

/** The native module gives no reason. The message must fit into a WebSocket close frame. */
function forkOrExplain(fork: () => ReturnType<NativePty['fork']>): ReturnType<NativePty['fork']> {
  try {
    return fork()
  } catch (cause) {
    const reason = 'The system allows no more terminals, processes or open files. Close some, or raise its limits.'
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
  // Options of net.Socket that the types omit.
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
