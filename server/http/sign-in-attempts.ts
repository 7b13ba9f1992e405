// Slows down whoever guesses passwords: after some failures for an account from an address, the next attempt from there
// has to wait, longer each time. Only that pair waits, so nobody can shut somebody else out. Kept in memory: a restart
// forgives, and costs a guesser more time than it saves.

import { ApiError } from '../../api/errors.ts'

/** Mistakes that people make. */
const freeFailures = 5
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** After so long without a failure all is forgotten. */
const forgetAfterMs = 15 * 60_000
/** More pairs than this are a flood of made-up names: the oldest go. */
const maxPairs = 10_000

export interface SignInAttempts {
  /** @throws ApiError 429 while the pair has to wait; the password is not even looked at */
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
    return failures && now() - failures.lastAt < forgetAfterMs ? failures : undefined
  }

  return {
    admit(account, ip) {
      const failures = failuresOf(keyOf(account, ip))
      if (!failures) return
      const waitMs = failures.lastAt + waitAfter(failures.count) - now()
      if (waitMs <= 0) return
      const seconds = Math.ceil(waitMs / 1000)
      throw new ApiError(429, 'Too many failed attempts to sign in.', {
        detail: `Try again in ${seconds} s. Whoever forgot the password can ask for a one-time passcode, or an admin.`,
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
  if (failures < freeFailures) return 0
  return Math.min(firstWaitMs * 2 ** Math.min(failures - freeFailures, 30), longestWaitMs)
}
