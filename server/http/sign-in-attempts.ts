// Protects against password guessing: after several failures for an account from one peer, further attempts have to wait
// with exponential backoff. Many failures for an account from different peers delay all peers, for a few seconds only, so
// that an attacker cannot lock out the user. State is in memory; losing it at a restart helps an attacker less than the
// restart takes.

import { hash } from 'node:crypto'
import { ApiError } from '../../api/errors.ts'
import { peerOf } from './peer.ts'

interface Throttle {
  /** Failures without a delay. */
  readonly freeFailures: number
  readonly firstWaitMs: number
  readonly maxWaitMs: number
}

// The free failures are typing errors.
const pairThrottle: Throttle = { freeFailures: 5, firstWaitMs: 1_000, maxWaitMs: 60_000 }
const accountThrottle: Throttle = { freeFailures: 50, firstWaitMs: 500, maxWaitMs: 4_000 }
/** Failures are forgotten after this time without another one. */
const resetAfterMs = 15 * 60_000
/** Bounds memory under a flood of invented names: the oldest entries are evicted. */
const maxEntries = 10_000

export interface SignInAttempts {
  /** Called before the password is verified. @throws ApiError 429 while the pair or the account has to wait */
  admit(account: string, ip: string): void
  fail(account: string, ip: string): void
  succeed(account: string, ip: string): void
}

export function createSignInAttempts(now: () => number = Date.now): SignInAttempts {
  const pairs = new FailureLog(pairThrottle, now)
  const accounts = new FailureLog(accountThrottle, now)
  const keyOf = (account: string) => hash('sha256', account.toLowerCase(), 'base64')
  const pairKeyOf = (account: string, ip: string) => `${peerOf(ip)} ${keyOf(account)}`
  return {
    admit(account, ip) {
      const waitMs = Math.max(pairs.waitMs(pairKeyOf(account, ip)), accounts.waitMs(keyOf(account)))
      if (waitMs <= 0) return
      const seconds = Math.ceil(waitMs / 1000)
      throw new ApiError(429, 'Too many failed sign-in attempts.', {
        detail: `Try again in ${seconds} s. If you forgot the password, request a one-time passcode or ask an admin.`,
      })
    },
    fail(account, ip) {
      pairs.add(pairKeyOf(account, ip))
      accounts.add(keyOf(account))
    },
    succeed(account, ip) {
      pairs.delete(pairKeyOf(account, ip))
    },
  }
}

interface Failures {
  readonly count: number
  readonly lastAt: number
}

/** Failures by key, from the oldest to the most recent. */
class FailureLog {
  readonly #throttle: Throttle
  readonly #now: () => number
  readonly #failures = new Map<string, Failures>()

  constructor(throttle: Throttle, now: () => number) {
    this.#throttle = throttle
    this.#now = now
  }

  /** Remaining delay of the next attempt. */
  waitMs(key: string): number {
    this.#deleteExpired()
    const failures = this.#failures.get(key)
    return failures ? failures.lastAt + this.#delayMs(failures.count) - this.#now() : 0
  }

  add(key: string): void {
    this.#deleteExpired()
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    this.#failures.delete(key)
    this.#failures.set(key, { count, lastAt: this.#now() })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > maxEntries && oldest !== undefined) this.#failures.delete(oldest)
  }

  delete(key: string): void {
    this.#failures.delete(key)
  }

  #deleteExpired(): void {
    for (const [key, { lastAt }] of this.#failures) {
      if (this.#now() - lastAt < resetAfterMs) return
      this.#failures.delete(key)
    }
  }

  #delayMs(count: number): number {
    const { freeFailures, firstWaitMs, maxWaitMs } = this.#throttle
    if (count < freeFailures) return 0
    return Math.min(firstWaitMs * 2 ** Math.min(count - freeFailures, 30), maxWaitMs)
  }
}
