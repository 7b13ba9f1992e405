// Registry of the terminal sessions of an agent: finds or starts, lists and closes them. A session lives until its
// process exits; its last screen stays available for a while.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PtyRequest, TerminalSession } from '../../api/agents/agent-protocol.ts'
import type { StoredDescription } from '../screens/record/session-files.ts'
import { Screens } from '../screens/screens.ts'
import { isFolder, type ShellOptions, type ShellStart } from '../shell.ts'
import { Session, type SessionOptions } from './session.ts'
import type { SessionStore, StoredSession } from './session-store.ts'
import { TypingTracker } from './typing-tracker.ts'

// An ended session keeps its last screen and exit code for clients that return, such as a reloaded page. Their number
// is limited because each holds a screen; the limit is lower for sessions whose end a client has seen.
const endedLifetimeMs = 30 * 60_000
const maxUnseenEnded = 50
const maxSeenEnded = 20

/** Grace period between SIGHUP and SIGKILL for closed terminals. */
const hangUpGraceMs = 5_000

// Limit of sessions: each has a process, a pty and a screen; the limit of ptys has this order of magnitude.
const maxSessions = 1_000

/** How long shutdown waits for screens to be stored. */
const storeTimeoutMs = 2_000

interface StartContext {
  readonly shell: ShellStart
  /** The stored session to restore. */
  readonly restored: StoredSession | undefined
}

export class Sessions {
  /** Running sessions, and ended ones whose end no client has seen. */
  readonly #byId = new Map<string, Session>()
  /** Ended sessions whose end a client has seen, oldest first. */
  readonly #seenEnded = new Map<string, Session>()
  /** Timers that remove ended sessions. */
  readonly #expiryTimers = new Map<Session, NodeJS.Timeout>()
  /** Closed by a client: removed as soon as they end. */
  readonly #closed = new WeakSet<Session>()
  readonly #prepare: (options: ShellOptions) => Promise<ShellStart>
  readonly #onCommand: SessionOptions['onCommand']
  readonly #screens: Screens
  readonly #onError: (message: string) => void
  /** Called when a session ends during shutdown. */
  readonly #exitWaiters = new Map<Session, () => void>()
  readonly #starting = new Map<string, Promise<StartContext>>()
  readonly #typing = new TypingTracker()
  #store: SessionStore | undefined
  #isClosing = false

  /** @param prepare provides the start options of a terminal. @param onCommand called for each finished command.
   *  @param onError receives errors for the log. */
  constructor(
    prepare: (options: ShellOptions) => Promise<ShellStart>,
    onCommand: SessionOptions['onCommand'],
    onError: (message: string) => void,
  ) {
    this.#prepare = prepare
    this.#onCommand = onCommand
    this.#onError = onError
    this.#screens = new Screens(onError)
  }

  /** Starts recording, and offers the sessions of earlier holders. */
  attachStore(store: SessionStore): void {
    this.#store = store
  }

  /** Number of scrollback lines to store; 0 stores nothing and deletes the recordings. */
  setStoredLines(lines: number): void {
    this.#screens.setStoredLines(lines)
  }

  /** The session with this id; started if necessary, from a stored session if there is one.
   *  @throws Error when no terminal can be started; the message is for users. */
  async findOrStart(request: PtyRequest): Promise<{ session: Session; isNew: boolean }> {
    const existing = this.#find(request)
    if (existing) return this.#reuse(existing)
    const context = await this.#prepareOnce(request)
    // A concurrent request may have started it meanwhile.
    const found = this.#find(request)
    if (found) return this.#reuse(found)
    try {
      return { session: this.#start(request, context), isNew: true }
    } catch (error) {
      if (context.restored) this.#store?.putBack(context.restored)
      throw error
    }
  }

  #reuse(session: Session): { session: Session; isNew: boolean } {
    if (session.exit) this.#moveToSeen(session)
    return { session, isNew: false }
  }

  #find({ id, ended }: PtyRequest): Session | undefined {
    return this.#byId.get(id) ?? (ended ? this.#seenEnded.get(id) : undefined)
  }

  list(): TerminalSession[] {
    const live = [...this.#byId.values()].filter((session) => !session.exit)
    return [...live.map((session) => session.describe()), ...(this.#store?.restorable() ?? []).map(asRestorable)]
  }

  /** Hangs up a session, as closing a terminal window does, and deletes its recording.
   *  @returns false when it does not exist. */
  async closeSession(id: string): Promise<boolean> {
    this.#remove(this.#seenEnded.get(id))
    const session = this.#byId.get(id)
    if (!session) return (await this.#store?.remove(id)) ?? false
    if (session.exit) this.#remove(session)
    else {
      this.#closed.add(session)
      session.hangUp(hangUpGraceMs)
    }
    return true
  }

  /** Stores all screens, hangs up, and resolves when all processes have exited or were killed. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true
    const live = [...this.#byId.values()].filter((session) => !session.exit)
    await Promise.race([Promise.allSettled(live.map((session) => session.store())), sleep(storeTimeoutMs)])
    const ended = live.map((session) => new Promise<void>((resolve) => this.#exitWaiters.set(session, resolve)))
    for (const session of live) session.hangUp(graceMs)
    // A process in uninterruptible sleep is not waited for.
    await Promise.race([Promise.all(ended), sleep(2 * graceMs, undefined, { ref: false })])
    for (const session of [...this.#byId.values(), ...this.#seenEnded.values()]) session.dispose()
    this.#byId.clear()
    this.#seenEnded.clear()
    await this.#screens.close()
  }

  /** Concurrent requests for the same new id share one session. */
  #prepareOnce(request: PtyRequest): Promise<StartContext> {
    const { id } = request
    const pending = this.#starting.get(id) ?? this.#prepareStart(request).finally(() => this.#starting.delete(id))
    this.#starting.set(id, pending)
    return pending
  }

  async #prepareStart(request: PtyRequest): Promise<StartContext> {
    const shell = await this.#prepare(request)
    const restored = this.#store?.restore(request.id)
    if (!restored?.description) return { shell, restored }
    // A restored session starts a shell in the last folder: it does not run its command again and shows no greeting.
    const start = request.command === '' ? shell : await this.#prepare({ ...request, command: '' })
    const { cwd } = restored.description
    return { shell: { ...start, cwd: isFolder(cwd) ? cwd : start.cwd, notices: [] }, restored }
  }

  #start(request: PtyRequest, { shell, restored }: StartContext): Session {
    if (this.#byId.size >= maxSessions)
      throw new Error(`The limit of ${maxSessions} terminals is reached. Close some of them.`)
    const session = new Session({
      id: request.id,
      command: restored ? '' : request.command,
      size: request,
      shell,
      screens: this.#screens,
      stored: restored ?? this.#store?.create(request.id),
      typing: this.#typing,
      onCommand: this.#onCommand,
      onExit: (ended) => this.#handleExit(ended),
      onError: this.#onError,
    })
    this.#byId.set(session.id, session)
    this.#remove(this.#seenEnded.get(session.id))
    return session
  }

  #handleExit(session: Session): void {
    this.#exitWaiters.get(session)?.()
    if (this.#isClosing) return
    session.deleteRecording().catch((error: Error) => this.#onError(error.message))
    this.#expiryTimers.set(session, setTimeout(() => this.#remove(session), endedLifetimeMs).unref())
    if (session.viewerCount > 0) this.#moveToSeen(session)
    else if (this.#closed.has(session)) this.#remove(session)
    const unseen = [...this.#byId.values()].filter(({ exit }) => exit)
    if (unseen.length > maxUnseenEnded) this.#remove(unseen[0])
  }

  #moveToSeen(session: Session): void {
    if (this.#byId.get(session.id) === session) this.#byId.delete(session.id)
    this.#seenEnded.delete(session.id)
    this.#seenEnded.set(session.id, session)
    const [oldest] = this.#seenEnded.values()
    if (oldest && this.#seenEnded.size > maxSeenEnded) this.#remove(oldest)
  }

  #remove(session: Session | undefined): void {
    if (!session) return
    clearTimeout(this.#expiryTimers.get(session))
    this.#expiryTimers.delete(session)
    for (const sessions of [this.#byId, this.#seenEnded])
      if (sessions.get(session.id) === session) sessions.delete(session.id)
    session.disposeOnDetach()
  }
}

const asRestorable = ({ seen_at: _, nonce: __, ...session }: StoredDescription): TerminalSession => ({
  ...session,
  pid: 0,
  command: '',
  clients: 0,
  state: 'restored',
  is_busy: false,
})
