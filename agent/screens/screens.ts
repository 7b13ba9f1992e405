// All screens of an agent, in the terminal holder. The worker thread is started on first use; a thread
// that died is replaced on the next use.

import { ScreenWorkerClient } from './screen-worker-client.ts'
import { SessionScreen, type SessionScreenOptions } from './session-screen.ts'

// Delay between attempts to start a thread after a failure.
const beginEveryMs = 1_000

export class Screens {
  readonly #onTrouble: (message: string) => void
  readonly #entry: URL
  readonly #patienceMs: number
  #thread: ScreenWorkerClient | undefined
  #keptLines = 0
  #lastNumber = 0

  /** @param onTrouble receives errors for the log. @param entry program of the thread and @param patienceMs its response
   *  timeout: overridden by tests only */
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

  /** Number of scrollback lines to store; 0 stores nothing and deletes the recordings. */
  keepLines(lines: number): void {
    this.#keptLines = lines
    this.#thread?.send({ type: 'keepLines', lines })
  }

  async close(): Promise<void> {
    await this.#thread?.stop()
  }

  /** The thread; an ended one during the restart delay. */
  #current(): ScreenWorkerClient {
    const thread = this.#thread
    if (thread && (thread.isAlive || performance.now() - thread.createdAt < beginEveryMs)) return thread
    this.#thread = new ScreenWorkerClient(this.#entry, this.#patienceMs, this.#onTrouble)
    this.#thread.send({ type: 'keepLines', lines: this.#keptLines })
    return this.#thread
  }
}
