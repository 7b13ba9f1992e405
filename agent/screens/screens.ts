// The screens of an agent's terminals, as their holder has them. Their thread is started when a screen first needs it; one
// that dies is replaced when a screen next does.

import { ScreenWorkerClient } from './screen-worker-client.ts'
import { SessionScreen, type SessionScreenOptions } from './session-screen.ts'

// Where the system allows no more threads, it is not asked for one with each line of output.
const beginEveryMs = 1_000

export class Screens {
  readonly #onTrouble: (message: string) => void
  readonly #entry: URL
  readonly #patienceMs: number
  #thread: ScreenWorkerClient | undefined
  #keptLines = 0
  #lastNumber = 0

  /** @param onTrouble hears what went wrong, for the log. @param entry the thread's program, and @param patienceMs how long
   *  it may take to answer: others only in tests */
  constructor(
    onTrouble: (message: string) => void,
    entry: URL = new URL('./screen-worker.ts', import.meta.url),
    patienceMs = 30_000,
  ) {
    this.#onTrouble = onTrouble
    this.#entry = entry
    this.#patienceMs = patienceMs
  }

  open(options: SessionScreenOptions): SessionScreen {
    return new SessionScreen(++this.#lastNumber, options, () => this.#current())
  }

  /** How many lines above a screen may be written down; 0 for nothing at all, and what is there is taken away. */
  keepLines(lines: number): void {
    this.#keptLines = lines
    this.#thread?.send({ type: 'keepLines', lines })
  }

  async close(): Promise<void> {
    await this.#thread?.stop()
  }

  /** The thread; one that has ended where it is too soon for another. */
  #current(): ScreenWorkerClient {
    const thread = this.#thread
    if (thread && (thread.isAlive || performance.now() - thread.createdAt < beginEveryMs)) return thread
    this.#thread = new ScreenWorkerClient(this.#entry, this.#patienceMs, this.#onTrouble)
    this.#thread.send({ type: 'keepLines', lines: this.#keptLines })
    return this.#thread
  }
}
