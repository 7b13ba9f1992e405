// Registry of all screens of an agent, in the terminal holder. Starts the screen worker on first use, and replaces one
// that has exited on the next use.

import { ScreenWorkerClient } from './screen-worker-client.ts'
import { SessionScreen, type SessionScreenOptions } from './session-screen.ts'

// Minimum interval between starts of workers.
const restartIntervalMs = 1_000

export class Screens {
  readonly #onError: (message: string) => void
  readonly #entry: URL
  readonly #timeoutMs: number
  #worker: ScreenWorkerClient | undefined
  #storedLines = 0
  #lastNumber = 0

  /** @param onError receives errors for the log. @param entry program of the worker, and
   *  @param timeoutMs its response timeout: overridden by tests only */
  constructor(
    onError: (message: string) => void,
    entry: URL = new URL('./screen-worker.ts', import.meta.url),
    timeoutMs = 30_000,
  ) {
    this.#onError = onError
    this.#entry = entry
    this.#timeoutMs = timeoutMs
  }

  open(options: SessionScreenOptions): SessionScreen {
    return new SessionScreen(++this.#lastNumber, options, () => this.#current())
  }

  /** Number of scrollback lines to store; 0 stores nothing and deletes the recordings. */
  setStoredLines(lines: number): void {
    this.#storedLines = lines
    this.#worker?.send({ type: 'setStoredLines', lines })
  }

  async close(): Promise<void> {
    await this.#worker?.stop()
  }

  /** The current worker; an exited one until the restart interval is over. */
  #current(): ScreenWorkerClient {
    const worker = this.#worker
    if (worker && (worker.isAlive || performance.now() - worker.createdAt < restartIntervalMs)) return worker
    this.#worker = new ScreenWorkerClient(this.#entry, this.#timeoutMs, this.#onError)
    this.#worker.send({ type: 'setStoredLines', lines: this.#storedLines })
    return this.#worker
  }
}
