// Protects against password guessing: after several failures for an account from one IP address, further attempts have
// to wait with exponential backoff. The delay applies to that pair only, so that an attacker cannot lock out the user.
// State is in memory; losing it at a restart helps an attacker less than the restart takes.

import { ApiError } from '../../api/errors.ts'

/** Failures without a delay, for typing errors. */
const failuresWithoutDelay = 5
const firstWaitMs = 1_000
const maxWaitMs = 60_000
/** Failures are reset after this time without another one. */
const resetAfterMs = 15 * 60_000
/** Bounds memory under a flood of invented names: the oldest pairs are evicted. */
const maxPairs = 10_000

export interface SignInAttempts {
  /** Called before the password is verified. @throws ApiError 429 while the pair has to wait */
  admit(account: string, ip: string): void
  fail(account: string, ip: string): void
  succeed(account: string, ip: string): void
}

interface Failures {
  readonly count: number
  readonly lastAt: number
}

export function createSignInAttempts(now: () => number = Date.now): SignInAttempts {
  const pairs = new Map<string, Failures>()
  const keyOf = (account: string, ip: string) => `${ip} ${account.toLowerCase()}`

  function failuresOf(key: string): Failures | undefined {
    const failures = pairs.get(key)
    return failures && now() - failures.lastAt < resetAfterMs ? failures : undefined
  }

  return {
    admit(account, ip) {
      const failures = failuresOf(keyOf(account, ip))
      if (!failures) return
      const waitMs = failures.lastAt + waitAfter(failures.count) - now()
      if (waitMs <= 0) return
      const seconds = Math.ceil(waitMs / 1000)
      throw new ApiError(429, 'Too many failed sign-in attempts.', {
        detail: `Try again in ${seconds} s. If you forgot the password, request a one-time passcode or ask an admin.`,
      })
    },
    fail(account, ip) {
      const key = keyOf(account, ip)
      const count = (failuresOf(key)?.count ?? 0) + 1
      pairs.delete(key)
      pairs.set(key, { count, lastAt: now() })
      const [oldest] = pairs.keys()
      if (pairs.size > maxPairs && oldest !== undefined) pairs.delete(oldest)
    },
    succeed(account, ip) {
      pairs.delete(keyOf(account, ip))
    },
  }
}

function waitAfter(failures: number): number {
  if (failures < failuresWithoutDelay) return 0
  return Math.min(firstWaitMs * 2 ** Math.min(failures - failuresWithoutDelay, 30), maxWaitMs)
}
