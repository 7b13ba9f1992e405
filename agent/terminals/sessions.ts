// All terminal sessions of an agent by id: find or start, list, close. Sessions
// live until their process exits.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PtyRequest, TerminalSession } from '../../api/agents/agent-protocol.ts'
import type { StoredDescription } from '../screens/record/session-files.ts'
import { Screens } from '../screens/screens.ts'
import { isFolder, type ShellStart, type ShellWishes } from '../shell.ts'
import { Session, type SessionOptions } from './session.ts'
import type { SessionStore, StoredSession } from './session-store.ts'
import { TypingTracker } from './typing-tracker.ts'

// An ended session keeps its last screen and exit code for clients that return, such as a reloaded page.
// The number is limited, more strictly for sessions whose end a client has seen, because each holds a screen.
const keepEndedMs = 30 * 60_000
const maxUnseenEnded = 50
const maxSeenEnded = 20

/** Grace period between SIGHUP and SIGKILL for closed terminals. */
const hangUpGraceMs = 5_000

// Limit of sessions: each has a process, a pty and a screen; the limit of ptys has this order of magnitude.
const maxSessions = 1_000

/** How long shutdown waits for screens to be stored. */
const keepMs = 2_000

interface Beginning {
  readonly shell: ShellStart
  /** The stored session to restore. */
  readonly restored: StoredSession | undefined
}

export class Sessions {
  /** Running sessions, and ended ones whose end no client has seen. */
  readonly #byId = new Map<string, Session>()
  /** Ended sessions whose end a client has seen, in order. */
  readonly #ended = new Map<string, Session>()
  /** When ended sessions expire. */
  readonly #forgetting = new Map<Session, NodeJS.Timeout>()
  /** Closed by a client: not kept after the end. */
  readonly #closed = new WeakSet<Session>()
  readonly #prepare: (wishes: ShellWishes) => Promise<ShellStart>
  readonly #onCommand: SessionOptions['onCommand']
  readonly #screens: Screens
  readonly #onTrouble: (message: string) => void
  readonly #endings = new Map<Session, () => void>()
  readonly #starting = new Map<string, Promise<Beginning>>()
  readonly #typing = new TypingTracker()
  #keeping: SessionStore | undefined
  #isClosing = false

  /** @param prepare provides the start options of a terminal. @param onCommand called for each ended command.
   *  @param onTrouble receives errors for the log. */
  constructor(
    prepare: (wishes: ShellWishes) => Promise<ShellStart>,
    onCommand: SessionOptions['onCommand'],
    onTrouble: (message: string) => void,
  ) {
    this.#prepare = prepare
    this.#onCommand = onCommand
    this.#onTrouble = onTrouble
    this.#screens = new Screens(onTrouble)
  }

  /** Starts recording, and offers the sessions of earlier holders. */
  keepIn(keeping: SessionStore): void {
    this.#keeping = keeping
  }

  /** Number of scrollback lines to store; 0 stores nothing and deletes the recordings. */
  keepLines(lines: number): void {
    this.#screens.keepLines(lines)
  }

  /** The session with this id; started if necessary, from a stored session if there is one.
   *  @throws Error when no terminal can be started; the message is for users. */
  async findOrStart(request: PtyRequest): Promise<{ session: Session; isNew: boolean }> {
    const known = this.#find(request)
    const beginning = known ? undefined : await this.#beginOnce(request)
    const found = known ?? this.#find(request)
    if (found?.exit) this.#keepSeen(found)
    if (found) return { session: found, isNew: false }
    const { restored } = beginning as Beginning
    try {
      return { session: this.#start(request, beginning as Beginning), isNew: true }
    } catch (error) {
      if (restored) this.#keeping?.putBack(restored)
      throw error
    }
  }

  #find({ id, ended }: PtyRequest): Session | undefined {
    return this.#byId.get(id) ?? (ended ? this.#ended.get(id) : undefined)
  }

  list(): TerminalSession[] {
    const live = [...this.#byId.values()].filter((session) => !session.exit)
    return [...live.map((session) => session.describe()), ...(this.#keeping?.restorable() ?? []).map(asRestorable)]
  }

  /** Closes a session as closing a terminal window does, and deletes its recording.
   *  @returns false when it does not exist. */
  async end(id: string): Promise<boolean> {
    this.#drop(this.#ended.get(id))
    const session = this.#byId.get(id)
    if (!session) return (await this.#keeping?.remove(id)) ?? false
    if (session.exit) this.#drop(session)
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
    await Promise.race([Promise.allSettled(live.map((session) => session.keep())), sleep(keepMs)])
    const ended = live.map((session) => new Promise<void>((resolve) => this.#endings.set(session, resolve)))
    for (const session of live) session.hangUp(graceMs)
    // A process in uninterruptible sleep is not waited for.
    await Promise.race([Promise.all(ended), sleep(2 * graceMs, undefined, { ref: false })])
    for (const session of [...this.#byId.values(), ...this.#ended.values()]) session.dispose()
    this.#byId.clear()
    this.#ended.clear()
    await this.#screens.close()
  }

  /** Concurrent requests for the same new id share one session. */
  #beginOnce(request: PtyRequest): Promise<Beginning> {
    const { id } = request
    const beginning = this.#starting.get(id) ?? this.#begin(request).finally(() => this.#starting.delete(id))
    this.#starting.set(id, beginning)
    return beginning
  }

  async #begin(request: PtyRequest): Promise<Beginning> {
    const shell = await this.#prepare(request)
    const restored = this.#keeping?.restore(request.id)
    if (!restored?.description) return { shell, restored }
    // A restored session starts a shell in the last folder: commands are not run again, and no greeting is shown.
    const fresh = request.command === '' ? shell : await this.#prepare({ ...request, command: '' })
    const { cwd } = restored.description
    return { shell: { ...fresh, cwd: isFolder(cwd) ? cwd : fresh.cwd, notices: [] }, restored }
  }

  #start(request: PtyRequest, { shell, restored }: Beginning): Session {
    if (this.#byId.size >= maxSessions)
      throw new Error(`The limit of ${maxSessions} terminals is reached. Close some of them.`)
    const session = new Session({
      id: request.id,
      command: restored ? '' : request.command,
      size: request,
      shell,
      screens: this.#screens,
      kept: restored ?? this.#keeping?.create(request.id),
      typing: this.#typing,
      onCommand: this.#onCommand,
      onExit: (ended) => this.#forget(ended),
      onTrouble: this.#onTrouble,
    })
    this.#byId.set(session.id, session)
    this.#drop(this.#ended.get(session.id))
    return session
  }

  #forget(session: Session): void {
    this.#endings.get(session)?.()
    if (this.#isClosing) return
    session.forget().catch((error: Error) => this.#onTrouble(error.message))
    this.#forgetting.set(session, setTimeout(() => this.#drop(session), keepEndedMs).unref())
    if (session.viewerCount > 0) this.#keepSeen(session)
    else if (this.#closed.has(session)) this.#drop(session)
    const unseen = [...this.#byId.values()].filter(({ exit }) => exit)
    if (unseen.length > maxUnseenEnded) this.#drop(unseen[0])
  }

  #keepSeen(session: Session): void {
    if (this.#byId.get(session.id) === session) this.#byId.delete(session.id)
    this.#ended.delete(session.id)
    this.#ended.set(session.id, session)
    const [oldest] = this.#ended.values()
    if (oldest && this.#ended.size > maxSeenEnded) this.#drop(oldest)
  }

  #drop(session: Session | undefined): void {
    if (!session) return
    clearTimeout(this.#forgetting.get(session))
    this.#forgetting.delete(session)
    for (const sessions of [this.#byId, this.#ended])
      if (sessions.get(session.id) === session) sessions.delete(session.id)
    session.leave()
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
