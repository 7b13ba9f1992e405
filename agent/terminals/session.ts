// One terminal session: a pty, the screen beside it, and the clients that look at it, from none to many. It decides
// who gets what: output goes to clients first and to the screen when there is time; a client that falls behind gets
// nothing until it has caught up, and then the screen afresh; the pty waits only when everybody is behind.

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

// Input waiting for a program that does not read. Reading of a client never pauses, as acknowledgements and Ctrl-C
// come the same way; so there has to be an end to it.
const maxWaitingInputBytes = 16 * 1024 * 1024

// What a client may have missed and still get instead of the whole screen.
const recentBytes = 512 * 1024

// Most sessions that end are done with by then. The others may wait long for whoever comes back.
const freezeAfterMs = 10_000

export type AttachRequest = Pick<PtyRequest, 'protocol' | 'readOnly' | 'images' | 'resume' | 'cols' | 'rows'>

export interface SessionOptions {
  readonly id: string
  readonly command: string
  readonly size: ScreenSize
  readonly shell: ShellStart
  readonly screens: Screens
  /** Where it is written down, and what is there already; undefined where nothing is kept. */
  readonly kept: StoredSession | undefined
  readonly onCommand: (command: FinishedCommand, session: Session) => void
  /** Where somebody types, among all sessions of the agent. */
  readonly typing: TypingTracker
  /** Called once, when the process has ended and every client was told. */
  readonly onExit: (session: Session) => void
  /** Hears what went wrong, for the log. */
  readonly onTrouble: (message: string) => void
}

const carriageReturn = 13

export class Session {
  readonly id: string
  readonly createdAt: Date
  /** Set when the process has ended. */
  exit: PtyExit | undefined
  readonly #command: string
  readonly #cwd: string
  readonly #epoch = randomUUID()
  readonly #restoredFrom: string | null
  /** Somebody has entered a line: a restored session is theirs again. */
  #isTakenUp = false
  #isLeft = false
  #isDisposed = false
  /** A restored session keeps that of the one before: so do the marks on its screen. */
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
  /** Snapshots being drawn: the pty waits, so that they are of one moment. */
  #drawings = 0
  #isPaused = false
  /** Offset of the output from which on the size is the present one. */
  #sizedAt = 0

  /** @throws Error when no pty can be had. */
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
    // Sent with the first client's attach.
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

  /** Lets a client in: it gets the screen, or only what it has missed, and then what follows. The session does not end
   *  with it. */
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
    // What is gathered goes to those who were here before.
    if (!isNew) this.#sendGathered(true)
    const viewer: Viewer = new Viewer(client, readOnly, size)
    const isAlone = this.#onlyLook()
    this.#viewers.add(viewer)
    if (isNew || this.#whoseSize.isReturning(viewer)) this.#whoseSize.claim(viewer)
    // Coder's clients show no other size than their own.
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

  /** Undefined when only the whole screen will do: some of it is gone, it is of another life or was for another size. */
  #missedSince(position: TerminalPosition | undefined): Buffer | undefined {
    if (!position || position.epoch !== this.#epoch || position.offset < this.#sizedAt) return undefined
    return this.#recent.since(position.offset)
  }

  /** Writes down what is on the screen, for the next holder. */
  async keep(): Promise<void> {
    await this.#screen.keep()
  }

  /** Takes away what is written down. */
  async forget(): Promise<void> {
    await this.#screen.forget()
  }

  /** Hangs up on the process; its exit is told as any other. */
  hangUp(graceMs: number): void {
    this.#pty.close(graceMs)
  }

  /** Frees what an ended session holds, once nobody looks at it any more. */
  leave(): void {
    this.#isLeft = true
    if (this.#viewers.size === 0) this.dispose()
  }

  /** What its process still says or does is nobody's any more; its exit is told all the same. */
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

  /** Sends what was gathered to those who keep up. When nobody does, it stays where it is and the pty waits. */
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

  /** Lets whoever types in another terminal come first. */
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

  /** Sends the screen as it is now, and lets the viewer follow from there. */
  async #draw(viewer: Viewer, isFirst: boolean): Promise<void> {
    if (viewer.isDrawing) return
    viewer.isDrawing = true
    this.#drawings++
    this.#pauseOrResume()
    // What is gathered will be in the screen, so it must not follow the screen once more.
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
      // A pty that is told to pause may have been read once more.
      this.#sendGathered()
      this.#pauseOrResume()
    }
  }

  /** Lets a viewer that has got the screen go on from there. */
  #follow(viewer: Viewer, drawn: SessionSnapshot): void {
    // Somebody changed it meanwhile, and what was drawn is of before.
    if (!isSameSize(drawn.size, this.#size)) viewer.client.size(this.#size)
    this.#catchUp(viewer, drawn.end)
    if (this.exit && !viewer.needsScreen) viewer.client.exit(this.exit)
  }

  /** What went to others while the screen was drawn for this one. */
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
    // Not what a terminal answers by itself.
    if (bytes.includes(carriageReturn)) this.#isTakenUp = true
    this.#resize(viewer)
    if (this.#pty.waitingInputBytes > maxWaitingInputBytes) viewer.client.close()
    else this.#pty.write(bytes)
    this.#typing.recordInput(this.id)
  }

  /** The screen has the size of whoever typed last, or said that it is to. */
  #resize(viewer: Viewer): void {
    const { size } = viewer
    if (this.exit || viewer.isReadOnly) return
    this.#whoseSize.claim(viewer)
    if (isSameSize(size, this.#size)) return
    this.#whoseSize.size = size
    // What was written for the old size is drawn in it.
    this.#sendGathered(true)
    this.#sizedAt = this.#recent.end
    this.#pty.resize(size.cols, size.rows)
    this.#screen.resize(size)
    for (const other of this.#viewers) if (other !== viewer && !other.isDrawing) other.client.size(size)
  }

  /** Programs ask their terminal things; while somebody is here who may type, their terminal answers. */
  #answer(reply: string): void {
    if (this.#onlyLook()) this.#pty.write(Buffer.from(reply))
  }

  /** Those who are here, if any. */
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
