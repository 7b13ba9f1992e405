// The open connections of forwards: while there are any, their use is reported as activity in the workspace. Failures are
// shown once in a row.

import { describeError } from '../output/errors.ts'
import { note } from '../output/print.ts'

const usageEveryMs = 60_000

export class Traffic {
  readonly #reportUsage: () => void
  #open = 0
  #timer: NodeJS.Timeout | undefined
  #lastError = ''

  constructor(reportUsage: () => void) {
    this.#reportUsage = reportUsage
  }

  /** @returns ends the connection */
  begin(): () => void {
    if (this.#open++ === 0 && !this.#timer) this.#report()
    return () => void this.#open--
  }

  report(error: unknown): void {
    const text = describeError(error)
    if (text !== this.#lastError) note(text)
    this.#lastError = text
  }

  #report(): void {
    this.#reportUsage()
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#open > 0) this.#report()
    }, usageEveryMs).unref()
  }
}
