// How often one may ask: so many requests a minute and address of an endpoint, counted for each user, agent or, before
// anybody is known, each peer. Kept in memory, as every coderd counts for itself; an old minute is forgotten whole.

import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import type { Config } from '../config.ts'

const windowMs = 60_000
/** Most that are counted at once: some megabytes. Beyond it the oldest start anew. */
const maxCounted = 20_000

/** Coder's figures. Guessing passwords costs patience; uploads cost space. */
const loginsAMinute = 60
const filesAMinute = 12

export interface Asking {
  readonly endpoint: Endpoint
  readonly request: IncomingMessage
  /** Who asks, where that is known. */
  readonly caller: { readonly id: string; readonly isOwner: boolean } | null
}

export interface RateLimits {
  /** Counts a request, and tells its sender how many are left.
   *  @throws ApiError 429 for one too many, 428 for somebody who may not ask to be left out. */
  count(asking: Asking, setHeader: (name: string, value: string) => void): void
}

type Limited = Pick<Config, 'apiRateLimit' | 'disableRateLimits'>

export function createRateLimits(config: Limited, now: () => number = Date.now): RateLimits {
  // Apart, so that asking for many addresses does not push the count of logins out.
  const counters = { requests: createCounter(now), logins: createCounter(now), files: createCounter(now) }
  return {
    count(asking, setHeader) {
      const { endpoint, request, caller } = asking
      const limit = !config.disableRateLimits && !isExempt(asking) ? limitOf(endpoint, config) : null
      if (limit === null) return
      const address = endpoint.limit ? endpoint.path : request.url?.split('?', 1)[0]
      const used = counters[endpoint.limit ?? 'requests'](
        `${caller?.id ?? peerOf(request)} ${endpoint.method} ${address}`,
      )
      const secondsLeft = Math.ceil((windowMs - (now() % windowMs)) / 1000)
      setHeader('x-ratelimit-limit', String(limit))
      setHeader('x-ratelimit-remaining', String(Math.max(0, limit - used)))
      setHeader('x-ratelimit-reset', String(Math.floor(now() / 1000) + secondsLeft))
      if (used <= limit) return
      setHeader('retry-after', String(secondsLeft))
      throw new ApiError(429, 'Too many requests.', {
        detail: `At most ${limit} a minute are answered here. Try again in ${secondsLeft} seconds.`,
      })
    },
  }
}

/** @returns counts one more of a key, and says how many came in the minute up to now. Of the minute before as much
 *  counts as overlaps with that. */
function createCounter(now: () => number): (key: string) => number {
  let window = 0
  let counts = new Map<string, number>()
  let earlier = new Map<string, number>()
  return (key) => {
    const time = now()
    const current = Math.floor(time / windowMs)
    if (current !== window) {
      earlier = current === window + 1 ? counts : new Map()
      counts = new Map()
      window = current
    }
    const count = (counts.get(key) ?? 0) + 1
    if (count === 1 && counts.size >= maxCounted) counts.delete(counts.keys().next().value as string)
    counts.set(key, count)
    return Math.floor((earlier.get(key) ?? 0) * (1 - (time % windowMs) / windowMs)) + count
  }
}

function limitOf({ limit, access }: Endpoint, { apiRateLimit }: Limited): number | null {
  if (access.kind === 'local-secret') return null
  if (limit) return limit === 'logins' ? loginsAMinute : filesAMinute
  return apiRateLimit > 0 ? apiRateLimit : null
}

/** An owner who sits at this computer is not kept from it. */
function isExempt({ caller, request }: Asking): boolean {
  const asksToBypass = request.headers['x-coder-bypass-ratelimit'] === 'true'
  if (caller?.isOwner) return asksToBypass || isLoopback(request.socket.remoteAddress ?? '')
  if (asksToBypass && caller)
    throw new ApiError(428, 'Only an owner may ask not to be counted.', {
      detail: 'Leave the header X-Coder-Bypass-Ratelimit out.',
    })
  return false
}

const isLoopback = (ip: string) => ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.')

/** Of an IPv6 address the network, which is what one customer has. */
function peerOf({ socket }: IncomingMessage): string {
  const ip = socket.remoteAddress ?? ''
  return ip.includes(':') && !ip.startsWith('::ffff:') ? ip.split(':').slice(0, 4).join(':') : ip
}
