// One terminal session: a pty, the screen beside it, and the clients that look at it, from none to many. It decides
// who gets what: output goes to clients first and to the screen when there is time; a client that falls behind gets
// nothing until it has caught up, and then the screen afresh; the pty waits only when everybody is behind.

import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { PtyRequest, TerminalSession } from '../../api/agent-protocol.ts'
import { createClient, type TerminalClient } from './client.ts'
import { OutputBuffer } from './output-buffer.ts'
import { openPty, type Pty, type PtyExit } from './pty.ts'
import { createScreen, type Screen, type ScreenSize } from './screen.ts'
import type { ShellStart } from './shell.ts'

// Little output is sent as it comes: it may be an echo. Once more than this was sent within a millisecond, what follows
// is gathered into frames, full or a millisecond apart: fewer, larger messages for the browser's sake.
const gatherMs = 1
const promptBytes = 8 * 1024
const fullFrameBytes = 32 * 1024

// Input waiting for a program that does not read. Reading of a client never pauses, as acknowledgements and Ctrl-C
// come the same way; so there has to be an end to it.
const maxWaitingInputBytes = 16 * 1024 * 1024

const maxSide = 2_000

interface Viewer {
  readonly client: TerminalClient
  size: ScreenSize
  /** Has more unread than it may, and has not come down to half of that yet. */
  isBehind: boolean
  /** Waits for the screen: output has passed it by. */
  needsScreen: boolean
  isDrawing: boolean
}

export interface SessionOptions {
  readonly id: string
  readonly command: string
  readonly size: ScreenSize
  readonly shell: ShellStart
  /** Called once, when the process has ended and every client was told. */
  readonly onExit: (session: Session) => void
}

export class Session {
  readonly id: string
  readonly createdAt = new Date()
  /** Set when the process has ended. */
  exit: PtyExit | undefined
  readonly #command: string
  readonly #cwd: string
  readonly #epoch = randomUUID()
  readonly #onExit: (session: Session) => void
  readonly #viewers = new Set<Viewer>()
  readonly #output = new OutputBuffer()
  readonly #screen: Screen
  readonly #pty: Pty
  #size: ScreenSize
  #gathering: NodeJS.Timeout | undefined
  #countedFrom = 0
  #sentBytes = 0
  /** Snapshots being drawn: the pty waits, so that they are of one moment. */
  #drawings = 0
  #isPaused = false

  /** @throws Error when no pty can be had. */
  constructor(options: SessionOptions) {
    this.id = options.id
    this.#command = options.command
    this.#cwd = options.shell.cwd
    this.#onExit = options.onExit
    this.#size = clampSize(options.size)
    this.#screen = createScreen(this.#size, (reply) => this.#answer(reply))
    this.#pty = openPty({
      ...options.shell,
      ...this.#size,
      onOutput: (bytes) => this.#take(bytes),
      onExit: (exit) => this.#end(exit),
    })
    // Sent with the first client's attach.
    for (const notice of options.shell.notices) this.#output.append(Buffer.from(`${notice}\r\n`))
  }

  get viewerCount(): number {
    return this.#viewers.size
  }

  describe(): TerminalSession {
    return {
      id: this.id,
      pid: this.#pty.pid,
      command: this.#command,
      title: this.#screen.title || (this.exit ? '' : this.#pty.foreground()),
      created_at: this.createdAt.toISOString(),
      clients: this.#viewers.size,
      ...this.#size,
      state: 'live',
      cwd: this.#cwd,
      last_command: '',
      is_busy: false,
    }
  }

  /** Lets a client in: it gets the screen, then what follows. The session does not end with it. */
  attach(
    stream: Duplex,
    { protocol, readOnly, ...asked }: Pick<PtyRequest, 'protocol' | 'readOnly' | 'cols' | 'rows'>,
    isNew: boolean,
  ): void {
    const size = readOnly ? this.#size : clampSize(asked)
    const client = createClient(protocol, stream, {
      onInput: (bytes) => readOnly || this.#input(viewer, bytes),
      onResize: (wanted) => {
        if (readOnly) return
        viewer.size = clampSize(wanted)
        this.#resize(viewer)
      },
      onProgress: () => this.#progress(viewer),
      onClose: () => this.#detach(viewer),
    })
    const viewer: Viewer = { client, size, isBehind: false, needsScreen: !isNew, isDrawing: false }
    this.#viewers.add(viewer)
    this.#resize(viewer)
    client.attached({
      created: isNew,
      pid: this.#pty.pid,
      ...this.#size,
      epoch: this.#epoch,
      resumed: false,
      restored_from: null,
      read_only: readOnly,
    })
    if (isNew) this.#sendGathered()
    else void this.#draw(viewer, true)
  }

  /** Hangs up on the process; its exit is told as any other. */
  hangUp(graceMs: number): void {
    this.#pty.close(graceMs)
  }

  /** Frees what an ended session holds. */
  dispose(): void {
    clearTimeout(this.#gathering)
    this.#screen.close()
    for (const { client } of this.#viewers) client.close()
    this.#viewers.clear()
  }

  #take(bytes: Buffer): void {
    this.#output.append(bytes)
    const { size } = this.#output
    const isLittle = !this.#gathering && this.#sentLately() + size <= promptBytes
    if (isLittle || size >= fullFrameBytes) this.#sendGathered()
    else this.#gathering ??= setTimeout(() => this.#sendGathered(), gatherMs)
  }

  /** Bytes sent since the present millisecond began. */
  #sentLately(): number {
    const now = performance.now()
    if (now - this.#countedFrom >= gatherMs) {
      this.#countedFrom = now
      this.#sentBytes = 0
    }
    return this.#sentBytes
  }

  /** Sends what was gathered to those who keep up. When nobody does, it stays where it is and the pty waits. */
  #sendGathered(evenToThoseBehind = false): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    if (this.#output.size === 0) return
    const mayReceive = (viewer: Viewer) => !viewer.needsScreen && (evenToThoseBehind || !viewer.isBehind)
    const receivers = [...this.#viewers].filter(mayReceive)
    if (receivers.length === 0 && this.#viewers.size > 0 && !evenToThoseBehind) {
      this.#pauseOrResume()
      return
    }
    const frame = this.#output.take()
    this.#sentBytes += frame.output.length
    this.#screen.feed(frame.output)
    for (const viewer of this.#viewers) {
      if (!receivers.includes(viewer)) viewer.needsScreen = true
      else {
        viewer.client.output(frame)
        viewer.isBehind = viewer.client.unreadBytes > viewer.client.highWaterBytes
      }
    }
    this.#pauseOrResume()
  }

  #progress(viewer: Viewer): void {
    if (!viewer.isBehind || viewer.client.unreadBytes > viewer.client.highWaterBytes / 2) return
    viewer.isBehind = false
    if (viewer.needsScreen) void this.#draw(viewer, false)
    else this.#sendGathered()
    this.#pauseOrResume()
  }

  /** Sends the screen as it is now, and lets the viewer follow from there. */
  async #draw(viewer: Viewer, isFirst: boolean): Promise<void> {
    if (viewer.isDrawing) return
    viewer.isDrawing = true
    this.#drawings++
    this.#pauseOrResume()
    // What is gathered will be in the screen, so it must not follow the screen once more.
    this.#sendGathered(true)
    const screen = await this.#screen.snapshot()
    this.#drawings--
    viewer.isDrawing = false
    viewer.needsScreen = false
    if (this.#viewers.has(viewer)) {
      viewer.client.snapshot(this.#size, screen, isFirst)
      viewer.isBehind = viewer.client.unreadBytes > viewer.client.highWaterBytes
      if (this.exit) viewer.client.exit(this.exit)
    }
    this.#pauseOrResume()
  }

  #pauseOrResume(): void {
    const keepingUp = [...this.#viewers].some((viewer) => !viewer.isBehind && !viewer.needsScreen)
    const shouldPause = this.#drawings > 0 || (this.#viewers.size > 0 && !keepingUp)
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (shouldPause) this.#pty.pause()
    else this.#pty.resume()
  }

  #input(viewer: Viewer, bytes: Uint8Array): void {
    this.#resize(viewer)
    if (this.#pty.waitingInputBytes > maxWaitingInputBytes) viewer.client.close()
    else this.#pty.write(bytes)
  }

  /** The screen has the size of whoever acted last. */
  #resize(viewer: Viewer): void {
    const { size } = viewer
    if (this.exit || (size.cols === this.#size.cols && size.rows === this.#size.rows)) return
    this.#size = size
    // What was written for the old size is drawn in it.
    this.#sendGathered(true)
    this.#pty.resize(size.cols, size.rows)
    this.#screen.resize(size)
    for (const other of this.#viewers) if (other !== viewer) other.client.size(size)
  }

  /** Programs ask their terminal things; while clients are here, they answer. */
  #answer(reply: string): void {
    if (this.#viewers.size === 0) this.#pty.write(Buffer.from(reply))
  }

  #detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    this.#sendGathered()
    this.#pauseOrResume()
  }

  #end(exit: PtyExit): void {
    this.#sendGathered(true)
    this.exit = exit
    for (const { client, isDrawing, needsScreen } of this.#viewers) if (!isDrawing && !needsScreen) client.exit(exit)
    this.#onExit(this)
  }
}

function clampSize({ cols, rows }: ScreenSize): ScreenSize {
  return { cols: clampSide(cols), rows: clampSide(rows) }
}

const clampSide = (cells: number) => Math.min(maxSide, Math.max(1, Math.floor(cells) || 1))
