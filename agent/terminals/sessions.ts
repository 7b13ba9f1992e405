// All terminal sessions of an agent by their ids, and what coderd may ask of them: find or start one, list them. Sessions
// live until their process ends.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PtyRequest, TerminalSession } from '../../api/agent-protocol.ts'
import { Session, type SessionOptions } from './session.ts'
import type { ShellStart, ShellWishes } from './shell.ts'

// A session that ended while nobody looked keeps its last screen and exit code for whoever comes back for it.
const keepEndedMs = 30 * 60_000

/** Between hanging up on a terminal that somebody closes and killing what stays. */
const hangUpGraceMs = 5_000

// Each holds a process, a pty and a screen; the systems' own limit on ptys is of this order.
const maxSessions = 1_000

export class Sessions {
  readonly #byId = new Map<string, Session>()
  readonly #prepare: (wishes: ShellWishes) => Promise<ShellStart>
  readonly #onCommand: SessionOptions['onCommand']
  readonly #endings = new Map<Session, () => void>()
  readonly #starting = new Map<string, Promise<ShellStart>>()

  /** @param prepare says what a terminal starts with, when the agent knows. @param onCommand hears of each that ended. */
  constructor(prepare: (wishes: ShellWishes) => Promise<ShellStart>, onCommand: SessionOptions['onCommand']) {
    this.#prepare = prepare
    this.#onCommand = onCommand
  }

  /** The session of that id, started when there is none.
   *  @throws Error when no terminal can be started; the message is for the person. */
  async findOrStart(request: PtyRequest): Promise<{ session: Session; isNew: boolean }> {
    const shell = this.#byId.has(request.id) ? undefined : await this.#prepareOnce(request)
    const found = this.#byId.get(request.id)
    // Whoever comes back to an ended one gets its last screen and its exit, and that was it.
    if (found?.exit) this.#byId.delete(request.id)
    if (found) return { session: found, isNew: false }
    return { session: this.#start(request, shell as ShellStart), isNew: true }
  }

  list(): TerminalSession[] {
    return [...this.#byId.values()].filter((session) => !session.exit).map((session) => session.describe())
  }

  /** Ends a session as closing a terminal window does. @returns false when there is none of that id. */
  end(id: string): boolean {
    const session = this.#byId.get(id)
    if (!session) return false
    if (session.exit) this.#drop(session)
    else session.hangUp(hangUpGraceMs)
    return true
  }

  /** Hangs up on all and resolves when they have ended, at the latest when those that stayed were killed. */
  async close(graceMs: number): Promise<void> {
    const live = [...this.#byId.values()].filter((session) => !session.exit)
    const ended = live.map((session) => new Promise<void>((resolve) => this.#endings.set(session, resolve)))
    for (const session of live) session.hangUp(graceMs)
    // A process that not even a kill ends is the kernel's; nobody waits for it.
    await Promise.race([Promise.all(ended), sleep(2 * graceMs, undefined, { ref: false })])
    for (const session of this.#byId.values()) session.dispose()
    this.#byId.clear()
  }

  /** Two clients that ask for the same new id at once share one answer, and so one session. */
  #prepareOnce(request: PtyRequest): Promise<ShellStart> {
    const { id } = request
    const preparing = this.#starting.get(id) ?? this.#prepare(request).finally(() => this.#starting.delete(id))
    this.#starting.set(id, preparing)
    return preparing
  }

  #start(request: PtyRequest, shell: ShellStart): Session {
    if (this.#byId.size >= maxSessions)
      throw new Error(`There are ${maxSessions} terminals already. Close some of them.`)
    const session = new Session({
      id: request.id,
      command: request.command,
      size: request,
      shell,
      onCommand: this.#onCommand,
      onExit: (ended) => this.#forget(ended),
    })
    this.#byId.set(session.id, session)
    return session
  }

  #forget(session: Session): void {
    this.#endings.get(session)?.()
    if (session.viewerCount === 0) setTimeout(() => this.#drop(session), keepEndedMs).unref()
    else this.#drop(session)
  }

  #drop(session: Session): void {
    if (this.#byId.get(session.id) === session) this.#byId.delete(session.id)
  }
}
