// One terminal session: a pty, its screen, and any number of attached clients. Connects the parts: output-fan-out.ts
// distributes output, flow-control.ts pauses the pty, session-size.ts applies sizes, snapshot-sender.ts sends snapshots.

import { randomBytes, randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { PtyRequest, TerminalPosition, TerminalSession } from '../../api/agents/agent-protocol.ts'
import type { TerminalSize } from '../../api/agents/terminal-frames.ts'
import type { FinishedCommand } from '../screens/drawing/marks.ts'
import type { Screens } from '../screens/screens.ts'
import type { SessionScreen } from '../screens/session-screen.ts'
import type { ShellStart } from '../shell.ts'
import { nonceVariable } from '../shell-integration/integrate.ts'
import { createClient } from './client.ts'
import { FlowControl } from './flow-control.ts'
import { OutputFanOut } from './output-fan-out.ts'
import { openPty, type Pty, type PtyExit } from './pty.ts'
import { clampSize, SessionSize } from './session-size.ts'
import type { StoredSession } from './session-store.ts'
import { SnapshotSender } from './snapshot-sender.ts'
import type { TypingTracker } from './typing-tracker.ts'
import { Viewer } from './viewer.ts'

// Limit of input that a program has not read. Clients are never paused, because acknowledgments and Ctrl-C use the
// same stream.
const maxWaitingInputBytes = 16 * 1024 * 1024

// Delay before the screen of an exited process is frozen: most sessions are disposed of earlier.
const freezeAfterMs = 10_000

const carriageReturn = 13

export type AttachRequest = Pick<PtyRequest, 'protocol' | 'readOnly' | 'images' | 'resume' | 'cols' | 'rows'>

export interface SessionOptions {
  readonly id: string
  readonly command: string
  readonly size: TerminalSize
  readonly shell: ShellStart
  readonly screens: Screens
  /** Folder of the recording and the session stored in it; undefined when nothing is stored. */
  readonly stored: StoredSession | undefined
  readonly onCommand: (command: FinishedCommand, session: Session) => void
  /** Typing activity of all sessions of the agent. */
  readonly typing: TypingTracker
  /** Called once, after the process has exited and all clients were notified. */
  readonly onExit: (session: Session) => void
  /** Receives errors for the log. */
  readonly onError: (message: string) => void
}

export class Session {
  readonly id: string
  readonly createdAt: Date
  /** Set after the process has exited. */
  exit: PtyExit | undefined
  readonly #command: string
  readonly #cwd: string
  readonly #epoch = randomUUID()
  readonly #restoredFrom: string | null
  /** A line was entered: clients no longer present the session as restored. */
  #wasUsed = false
  #disposesOnDetach = false
  #isDisposed = false
  /** A restored session keeps its nonce, which the marks on its screen carry. */
  readonly #nonce: string
  readonly #onExit: (session: Session) => void
  readonly #typing: TypingTracker
  readonly #viewers = new Set<Viewer>()
  readonly #pty: Pty
  readonly #screen: SessionScreen
  readonly #flow: FlowControl
  readonly #output: OutputFanOut
  readonly #size: SessionSize
  readonly #snapshots: SnapshotSender
  #freezeTimer: NodeJS.Timeout | undefined

  /** @throws Error when no pty is available. */
  constructor(options: SessionOptions) {
    const { id, shell, typing, stored } = options
    const initial = clampSize(options.size)
    const previous = stored?.description
    this.id = id
    this.createdAt = new Date(previous?.created_at ?? Date.now())
    this.#command = options.command
    this.#cwd = shell.cwd
    this.#restoredFrom = previous?.seen_at ?? null
    this.#nonce = previous?.nonce ?? randomBytes(16).toString('hex')
    this.#onExit = options.onExit
    this.#typing = typing
    this.#pty = openPty({
      ...shell,
      env: { ...shell.env, ...(shell.isIntegrated && { [nonceVariable]: this.#nonce }) },
      ...initial,
      onOutput: (bytes) => this.#isDisposed || this.#output.append(bytes),
      onExit: (exit) => this.#end(exit),
    })
    this.#screen = options.screens.open({
      size: initial,
      nonce: this.#nonce,
      recording: stored && { folder: stored.folder, isRestored: previous !== undefined },
      isTyping: () => typing.isActive,
      recent: () => this.#output.recent.all(),
      describe: () => ({ ...this.describe(), nonce: this.#nonce }),
      onReply: (reply) => this.#replyToQuery(reply),
      onCommand: (command) => options.onCommand(command, this),
    })
    const parts = { viewers: this.#viewers, pty: this.#pty, screen: this.#screen }
    this.#flow = new FlowControl(id, this.#pty, this.#viewers, typing)
    this.#output = new OutputFanOut({ ...parts, flow: this.#flow, typing })
    this.#size = new SessionSize({ ...parts, initial, output: this.#output })
    this.#snapshots = new SnapshotSender({
      ...parts,
      output: this.#output,
      flow: this.#flow,
      size: () => this.#size.current,
      exit: () => this.exit,
      onError: options.onError,
    })
    // Included in the first client's attach message.
    for (const notice of shell.notices) this.#output.appendWithoutFlush(Buffer.from(`${notice}\r\n`))
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
      ...this.#size.current,
      state: 'live',
      cwd: this.#screen.shell.cwd || this.#cwd,
      last_command: this.#screen.shell.lastCommand,
      is_busy: this.#screen.shell.isBusy,
    }
  }

  /** Attaches a client: sends a snapshot, or only the missed output, then live output. The session outlives its
   *  clients. */
  attach(stream: Duplex, request: AttachRequest, isNew: boolean): void {
    const { readOnly, protocol } = request
    const client = createClient(request, stream, {
      onInput: (bytes) => readOnly || this.#input(viewer, bytes),
      onResize: (size) => {
        if (readOnly) return
        viewer.size = clampSize(size)
        this.#followSize(viewer)
      },
      onProgress: () => this.#progress(viewer),
      onClose: () => this.#detach(viewer),
    })
    // Pending output is for the clients attached before.
    if (!isNew) this.#output.flushToAll()
    const viewer: Viewer = new Viewer(client, readOnly, readOnly ? this.#size.current : clampSize(request))
    const isFirstWriter = this.#areAllReadOnly()
    this.#viewers.add(viewer)
    if (isNew || this.#size.isReturningOwner(viewer)) this.#size.claim(viewer)
    // Coder's clients display their own size only.
    if (isFirstWriter || protocol === 1) this.#followSize(viewer)
    this.#sendInitialOutput(viewer, request.resume, isNew)
  }

  /** Stores the screen for the next holder. */
  async store(): Promise<void> {
    await this.#screen.store()
  }

  async deleteRecording(): Promise<void> {
    await this.#screen.deleteRecording()
  }

  /** Sends SIGHUP to the process; its exit is handled as usual. */
  hangUp(graceMs: number): void {
    this.#pty.close(graceMs)
  }

  /** Disposes of the session as soon as it has no clients. */
  disposeOnDetach(): void {
    this.#disposesOnDetach = true
    if (this.#viewers.size === 0) this.dispose()
  }

  /** Ignores further output of the process; its exit is still reported. */
  dispose(): void {
    this.#isDisposed = true
    this.#output.dispose()
    this.#size.dispose()
    this.#flow.dispose()
    clearTimeout(this.#freezeTimer)
    this.#screen.close()
    for (const { client } of this.#viewers) client.close()
    this.#viewers.clear()
  }

  #sendInitialOutput(viewer: Viewer, resume: TerminalPosition | undefined, isNew: boolean): void {
    const { client } = viewer
    const hasNoHistory = isNew && !this.#restoredFrom
    const missed = hasNoHistory ? Buffer.alloc(0) : this.#missedSince(resume)
    viewer.needsSnapshot = missed === undefined
    client.attached({
      created: isNew,
      pid: this.#pty.pid,
      ...this.#size.current,
      epoch: this.#epoch,
      resumed: !isNew && missed !== undefined,
      restored_from: this.#wasUsed ? null : this.#restoredFrom,
      read_only: viewer.isReadOnly,
      nonce: this.#nonce,
    })
    if (missed === undefined) return void this.#snapshots.send(viewer, true)
    client.position(this.#output.recent.end - missed.length)
    if (missed.length > 0) client.sendMissed(missed)
    this.#output.flush()
    if (this.exit) client.exit(this.exit)
  }

  /** Missed output; undefined when a snapshot is needed: output is gone, from another process, or for another size. */
  #missedSince(position: TerminalPosition | undefined): Buffer | undefined {
    if (!position || position.epoch !== this.#epoch || position.offset < this.#size.changedAtOffset) return undefined
    return this.#output.recent.since(position.offset)
  }

  #input(viewer: Viewer, bytes: Uint8Array): void {
    // Excludes automatic responses of terminals.
    if (bytes.includes(carriageReturn)) this.#wasUsed = true
    this.#followSize(viewer)
    if (this.#pty.waitingInputBytes > maxWaitingInputBytes) viewer.client.close()
    else this.#pty.write(bytes)
    this.#typing.recordInput(this.id)
  }

  #followSize(viewer: Viewer): void {
    if (!this.exit) this.#size.follow(viewer)
  }

  /** The client has read output. */
  #progress(viewer: Viewer): void {
    if (!viewer.checkCaughtUp()) return
    if (viewer.needsSnapshot) void this.#snapshots.send(viewer, false)
    else this.#output.flush()
    this.#flow.update()
  }

  #detach(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    this.#size.release(viewer)
    this.#output.flush()
    this.#flow.update()
    if (this.#disposesOnDetach && this.#viewers.size === 0) this.dispose()
  }

  /** Replies to terminal queries of programs when no attached client can. */
  #replyToQuery(reply: string): void {
    if (this.#areAllReadOnly()) this.#pty.write(Buffer.from(reply))
  }

  /** True also without clients. */
  #areAllReadOnly(): boolean {
    return [...this.#viewers].every(({ isReadOnly }) => isReadOnly)
  }

  #end(exit: PtyExit): void {
    this.#output.flushToAll()
    this.exit = exit
    for (const { client, isReceivingSnapshot, needsSnapshot } of this.#viewers)
      if (!isReceivingSnapshot && !needsSnapshot) client.exit(exit)
    if (!this.#isDisposed) this.#freezeTimer = setTimeout(() => this.#screen.freeze(), freezeAfterMs).unref()
    this.#onExit(this)
  }
}
