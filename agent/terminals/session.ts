// One terminal session: a pty, its screen, and any number of attached clients. Output goes
// to clients first and to the screen when there is time. A client that falls behind receives
// nothing until it has caught up, then a snapshot. The pty pauses only when all clients are behind.

import { randomBytes, randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { PtyRequest, TerminalPosition, TerminalSession } from '../../api/agents/agent-protocol.ts'
import { isSameSize, type ScreenSize } from '../screen-size.ts'
import type { FinishedCommand } from '../screens/drawing/marks.ts'
import type { Screens } from '../screens/screens.ts'
import type { SessionScreen, SessionSnapshot } from '../screens/session-screen.ts'
import type { ShellStart } from '../shell.ts'
import { nonceVariable } from '../shell-integration/integrate.ts'
import { createClient } from './client.ts'
import { OutputBatcher } from './output-batcher.ts'
import { openPty, type Pty, type PtyExit } from './pty.ts'
import { RecentOutput } from './recent-output.ts'
import type { StoredSession } from './session-store.ts'
import { clampSize, SizeOwner } from './size-owner.ts'
import { type TypingTracker, turnBytes } from './typing-tracker.ts'
import { Viewer } from './viewer.ts'

// Limit of input that a program has not read. Clients are never paused, because acknowledgements and Ctrl-C
// use the same stream.
const maxWaitingInputBytes = 16 * 1024 * 1024

// Recent output for clients that reconnect; beyond it they receive a snapshot.
const recentBytes = 512 * 1024

// Delay before an ended session freezes its screen: most are disposed of earlier.
const freezeAfterMs = 10_000

export type AttachRequest = Pick<PtyRequest, 'protocol' | 'readOnly' | 'images' | 'resume' | 'cols' | 'rows'>

export interface SessionOptions {
  readonly id: string
  readonly command: string
  readonly size: ScreenSize
  readonly shell: ShellStart
  readonly screens: Screens
  /** Folder of the recording and the session stored in it; undefined when nothing is stored. */
  readonly kept: StoredSession | undefined
  readonly onCommand: (command: FinishedCommand, session: Session) => void
  /** Typing activity of all sessions of the agent. */
  readonly typing: TypingTracker
  /** Called once, after the process has exited and all clients were notified. */
  readonly onExit: (session: Session) => void
  /** Receives errors for the log. */
  readonly onTrouble: (message: string) => void
}

const carriageReturn = 13

export class Session {
  readonly id: string
  readonly createdAt: Date
  /** Set after the process has exited. */
  exit: PtyExit | undefined
  readonly #command: string
  readonly #cwd: string
  readonly #epoch = randomUUID()
  readonly #restoredFrom: string | null
  /** A line was entered: a restored session counts as used. */
  #isTakenUp = false
  #isLeft = false
  #isDisposed = false
  /** A restored session keeps its nonce, which the marks on its screen carry. */
  readonly #nonce: string
  readonly #onExit: (session: Session) => void
  readonly #onTrouble: (message: string) => void
  readonly #typing: TypingTracker
  readonly #viewers = new Set<Viewer>()
  readonly #output: OutputBatcher
  readonly #recent = new RecentOutput(recentBytes)
  readonly #screen: SessionScreen
  readonly #pty: Pty
  readonly #whoseSize: SizeOwner
  #freezingScreen: NodeJS.Timeout | undefined
  #resting: NodeJS.Timeout | undefined
  #sinceRestBytes = 0
  /** Number of snapshots being drawn; the pty is paused so that they are consistent. */
  #drawings = 0
  #isPaused = false
  /** Offset of the first output for the current size. */
  #sizedAt = 0

  /** @throws Error when no pty is available. */
  constructor(options: SessionOptions) {
    this.id = options.id
    this.#command = options.command
    this.#cwd = options.shell.cwd
    this.#onExit = options.onExit
    this.#onTrouble = options.onTrouble
    this.#typing = options.typing
    this.#whoseSize = new SizeOwner(clampSize(options.size), () => this.#freeSize())
    this.#output = new OutputBatcher(options.typing, () => this.#sendGathered())
    const before = options.kept?.description
    this.createdAt = new Date(before?.created_at ?? Date.now())
    this.#restoredFrom = before?.seen_at ?? null
    this.#nonce = before?.nonce ?? randomBytes(16).toString('hex')
    this.#pty = openPty({
      ...options.shell,
      env: { ...options.shell.env, ...(options.shell.isTaught && { [nonceVariable]: this.#nonce }) },
      ...this.#size,
      onOutput: (bytes) => this.#isDisposed || this.#output.append(bytes),
      onExit: (exit) => this.#end(exit),
    })
    this.#screen = options.screens.open({
      size: this.#size,
      nonce: this.#nonce,
      keptIn: options.kept && { folder: options.kept.folder, isRestored: before !== undefined },
      isTyping: () => this.#typing.isActive,
      recent: () => this.#recent.all(),
      describe: () => ({ ...this.describe(), nonce: this.#nonce }),
      onAnswer: (reply) => this.#answer(reply),
      onCommand: (command) => options.onCommand(command, this),
    })
    // Included in the first client's attach message.
    for (const notice of options.shell.notices) this.#output.appendWithoutFlush(Buffer.from(`${notice}\r\n`))
  }

  get #size(): ScreenSize {
    return this.#whoseSize.size
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
      cwd: this.#screen.shell.cwd || this.#cwd,
      last_command: this.#screen.shell.lastCommand,
      is_busy: this.#screen.shell.isBusy,
    }
  }

  /** Attaches a client: sends a snapshot, or only the missed output, then live output. The session outlives
   *  its clients. */
  attach(stream: Duplex, { protocol, readOnly, images, resume, ...asked }: AttachRequest, isNew: boolean): void {
    const size = readOnly ? this.#size : clampSize(asked)
    const client = createClient({ protocol, images }, stream, {
      onInput: (bytes) => readOnly || this.#input(viewer, bytes),
      onResize: (wanted) => {
        if (readOnly) return
        viewer.size = clampSize(wanted)
        this.#resize(viewer)
      },
      onProgress: () => this.#progress(viewer),
      onClose: () => this.#detach(viewer),
    })
    // Pending output is for the clients attached before.
    if (!isNew) this.#sendGathered(true)
    const viewer: Viewer = new Viewer(client, readOnly, size)
    const isAlone = this.#onlyLook()
    this.#viewers.add(viewer)
    if (isNew || this.#whoseSize.isReturning(viewer)) this.#whoseSize.claim(viewer)
    // Coder's clients display their own size only.
    if (isAlone || protocol === 1) this.#resize(viewer)
    const isFresh = isNew && !this.#restoredFrom
    const missed = isFresh ? Buffer.alloc(0) : this.#missedSince(resume)
    viewer.needsScreen = missed === undefined
    client.attached({
      created: isNew,
      pid: this.#pty.pid,
      ...this.#size,
      epoch: this.#epoch,
      resumed: !isNew && missed !== undefined,
      restored_from: this.#isTakenUp ? null : this.#restoredFrom,
      read_only: readOnly,
      nonce: this.#nonce,
    })
    if (missed === undefined) return void this.#draw(viewer, true)
    client.position(this.#recent.end - missed.length)
    if (missed.length > 0) client.sendMissed(missed)
    this.#sendGathered()
    if (this.exit) client.exit(this.exit)
  }

  /** Missed output; undefined when a snapshot is needed: output is gone, from another process, or for another size. */
  #missedSince(position: TerminalPosition | undefined): Buffer | undefined {
    if (!position || position.epoch !== this.#epoch || position.offset < this.#sizedAt) return undefined
    return this.#recent.since(position.offset)
  }

  /** Stores the screen for the next holder. */
  async keep(): Promise<void> {
    await this.#screen.keep()
  }

  /** Deletes the recording. */
  async forget(): Promise<void> {
    await this.#screen.forget()
  }

  /** Sends SIGHUP to the process; its exit is handled as usual. */
  hangUp(graceMs: number): void {
    this.#pty.close(graceMs)
  }

  /** Frees the resources of an ended session without clients. */
  leave(): void {
    this.#isLeft = true
    if (this.#viewers.size === 0) this.dispose()
  }

  /** Ignores further output of the process; its exit is still reported. */
  dispose(): void {
    this.#isDisposed = true
    this.#output.cancelTimer()
    this.#whoseSize.dispose()
    clearTimeout(this.#resting)
    clearTimeout(this.#freezingScreen)
    this.#screen.close()
    for (const { client } of this.#viewers) client.close()
    this.#viewers.clear()
  }

  /** Sends pending output to clients that keep up. Without any, it stays pending and the pty pauses. */
  #sendGathered(evenToThoseBehind = false): void {
    this.#output.cancelTimer()
    if (this.#output.isEmpty) return
    const mayReceive = (viewer: Viewer) => !viewer.needsScreen && (evenToThoseBehind || !viewer.isBehind)
    const receivers = [...this.#viewers].filter(mayReceive)
    if (receivers.length === 0 && this.#viewers.size > 0 && !evenToThoseBehind) {
      this.#pauseOrResume()
      return
    }
    const frame = this.#output.take()
    this.#screen.feed(frame.output)
    for (const viewer of this.#viewers) {
      if (receivers.includes(viewer)) viewer.send(frame)
      else viewer.needsScreen = true
    }
    this.#recent.append(frame.output)
    this.#sinceRestBytes += frame.output.length
    if (this.#sinceRestBytes >= turnBytes) this.#rest()
    this.#pauseOrResume()
  }

  /** Yields to sessions in which a user types. */
  #rest(): void {
    if (this.#resting) return
    const restMs = this.#typing.delayMs(this.id, this.#sinceRestBytes)
    this.#sinceRestBytes = 0
    if (restMs === 0) return
    this.#resting = setTimeout(() => {
      this.#resting = undefined
      this.#pauseOrResume()
    }, restMs)
  }

  #progress(viewer: Viewer): void {
    if (!viewer.noteProgress()) return
    if (viewer.needsScreen) void this.#draw(viewer, false)
    else this.#sendGathered()
    this.#pauseOrResume()
  }

  /** Sends a snapshot of the screen; the client continues from there. */
  async #draw(viewer: Viewer, isFirst: boolean): Promise<void> {
    if (viewer.isDrawing) return
    viewer.isDrawing = true
    this.#drawings++
    this.#pauseOrResume()
    // Pending output will be part of the snapshot.
    this.#sendGathered(true)
    try {
      const still = await this.#screen.hold()
      try {
        if (this.#viewers.has(viewer)) await viewer.client.sendSnapshot(still, isFirst)
      } finally {
        still.release()
      }
      viewer.isDrawing = false
      viewer.needsScreen = false
      if (this.#viewers.has(viewer)) this.#follow(viewer, still)
    } catch (error) {
      this.#onTrouble((error as Error).message)
      viewer.client.abort()
    } finally {
      this.#drawings--
      // A paused pty may deliver one more read.
      this.#sendGathered()
      this.#pauseOrResume()
    }
  }

  /** Resumes live output for a client after its snapshot. */
  #follow(viewer: Viewer, drawn: SessionSnapshot): void {
    // The size changed: the snapshot is outdated.
    if (!isSameSize(drawn.size, this.#size)) viewer.client.size(this.#size)
    this.#catchUp(viewer, drawn.end)
    if (this.exit && !viewer.needsScreen) viewer.client.exit(this.exit)
  }

  /** Output sent to others while the snapshot was drawn. */
  #catchUp(viewer: Viewer, drawnTo: number): void {
    const missed = this.#recent.since(drawnTo)
    viewer.sendMissed(missed ?? Buffer.alloc(0))
    if (missed) return
    viewer.needsScreen = true
    if (!viewer.isBehind) void this.#draw(viewer, false)
  }

  #pauseOrResume(): void {
    const keepingUp = [...this.#viewers].some((viewer) => viewer.keepsUp)
    const isWaiting = this.#drawings > 0 || this.#resting !== undefined
    const shouldPause = isWaiting || (this.#viewers.size > 0 && !keepingUp)
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (shouldPause) this.#pty.pause()
    else this.#pty.resume()
  }

  #input(viewer: Viewer, bytes: Uint8Array): void {
    // Excludes automatic responses of terminals.
    if (bytes.includes(carriageReturn)) this.#isTakenUp = true
    this.#resize(viewer)
    if (this.#pty.waitingInputBytes > maxWaitingInputBytes) viewer.client.close()
    else this.#pty.write(bytes)
    this.#typing.recordInput(this.id)
  }

  /** The size follows the client that typed last or claimed it. */
  #resize(viewer: Viewer): void {
    const { size } = viewer
    if (this.exit || viewer.isReadOnly) return
    this.#whoseSize.claim(viewer)
    if (isSameSize(size, this.#size)) return
    this.#whoseSize.size = size
    // Earlier output is drawn in the old size.
    this.#sendGathered(true)
    this.#sizedAt = this.#recent.end
    this.#pty.resize(size.cols, size.rows)
    this.#screen.resize(size)
    for (const other of this.#viewers) if (other !== viewer && !other.isDrawing) other.client.size(size)
  }

  /** Answers terminal queries of programs when no attached client can. */
  #answer(reply: string): void {
    if (this.#onlyLook()) this.#pty.write(Buffer.from(reply))
  }

  /** Attached clients. */
  #onlyLook(): boolean {
    return [...this.#viewers].every(({ isReadOnly }) => isReadOnly)
  }

  #detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    this.#whoseSize.release(viewer)
    this.#sendGathered()
    this.#pauseOrResume()
    if (this.#isLeft && this.#viewers.size === 0) this.dispose()
  }

  #freeSize(): void {
    for (const { client } of this.#viewers) client.sizeReleased()
  }

  #end(exit: PtyExit): void {
    this.#sendGathered(true)
    this.exit = exit
    for (const { client, isDrawing, needsScreen } of this.#viewers) if (!isDrawing && !needsScreen) client.exit(exit)
    if (!this.#isDisposed) this.#freezingScreen = setTimeout(() => this.#screen.freeze(), freezeAfterMs).unref()
    this.#onExit(this)
  }
}
