// Rate limits: requests per minute and URL, counted per user, agent or, without authentication, peer address. Counters
// are in memory and per coderd process.

import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import { isLoopbackAddress } from '../../lib/loopback.ts'
import type { Config } from '../config.ts'
import { peerOf } from './peer.ts'

const windowMs = 60_000
/** Bounds the counters to a few megabytes; beyond it, the oldest counter is evicted. */
const maxCounters = 20_000

/** Coder's limits against password guessing, and against uploads that fill the disk. */
const loginsPerMinute = 60
const filesPerMinute = 12

export interface CountedRequest {
  readonly endpoint: Endpoint
  readonly request: IncomingMessage
  /** Null without authentication. */
  readonly caller: { readonly id: string; readonly isOwner: boolean } | null
}

export interface RateLimits {
  /** Counts a request and sets the rate limit headers.
   *  @throws ApiError 429 above the limit, 428 if the caller is not allowed to bypass it */
  count(counted: CountedRequest, setHeader: (name: string, value: string) => void): void
}

type Limited = Pick<Config, 'apiRateLimit' | 'disableRateLimits'>

export function createRateLimits(config: Limited, now: () => number = Date.now): RateLimits {
  // Separate counters: requests to many URLs must not evict the counters of logins.
  const counters = { requests: createCounter(now), logins: createCounter(now), files: createCounter(now) }
  return {
    count(counted, setHeader) {
      const { endpoint, request, caller } = counted
      const limit = !config.disableRateLimits && !isExempt(counted) ? limitOf(endpoint, config) : null
      if (limit === null) return
      const address = endpoint.limit ? endpoint.path : request.url?.split('?', 1)[0]
      const used = counters[endpoint.limit ?? 'requests'](
        `${caller?.id ?? peerOf(request.socket.remoteAddress ?? '')} ${endpoint.method} ${address}`,
      )
      const secondsLeft = Math.ceil((windowMs - (now() % windowMs)) / 1000)
      setHeader('x-ratelimit-limit', String(limit))
      setHeader('x-ratelimit-remaining', String(Math.max(0, limit - used)))
      setHeader('x-ratelimit-reset', String(Math.floor(now() / 1000) + secondsLeft))
      if (used <= limit) return
      setHeader('retry-after', String(secondsLeft))
      throw new ApiError(429, 'Too many requests.', {
        detail: `The limit is ${limit} per minute. Try again in ${secondsLeft} seconds.`,
      })
    },
  }
}

/** A sliding-window counter: adds one for a key and returns the count of the last 60 s. The previous window is weighted by
 *  its overlap. Keys are hashed, because a client chooses their length. Counts are forgotten after two windows. */
function createCounter(now: () => number): (key: string) => number {
  let window = 0
  let counts = new Map<string, number>()
  let earlier = new Map<string, number>()
  let expiry: NodeJS.Timeout | undefined
  const forget = () => {
    counts = new Map()
    earlier = new Map()
    expiry = undefined
  }
  return (text) => {
    const key = hash('sha1', text, 'base64')
    if (expiry) expiry.refresh()
    else expiry = setTimeout(forget, 2 * windowMs).unref()
    const time = now()
    const current = Math.floor(time / windowMs)
    if (current !== window) {
      earlier = current === window + 1 ? counts : new Map()
      counts = new Map()
      window = current
    }
    const count = (counts.get(key) ?? 0) + 1
    if (count === 1 && counts.size >= maxCounters) counts.delete(counts.keys().next().value as string)
    counts.set(key, count)
    return Math.floor((earlier.get(key) ?? 0) * (1 - (time % windowMs) / windowMs)) + count
  }
}

function limitOf({ limit, access }: Endpoint, { apiRateLimit }: Limited): number | null {
  if (access.kind === 'local-secret') return null
  if (limit) return limit === 'logins' ? loginsPerMinute : filesPerMinute
  return apiRateLimit > 0 ? apiRateLimit : null
}

/** Owners are exempt on this computer, and elsewhere on request. */
function isExempt({ caller, request }: CountedRequest): boolean {
  const requestsBypass = request.headers['x-coder-bypass-ratelimit'] === 'true'
  if (caller?.isOwner) return requestsBypass || isLoopbackAddress(request.socket.remoteAddress ?? '')
  if (requestsBypass && caller)
    throw new ApiError(428, 'Only an owner can bypass the rate limit.', {
      detail: 'Remove the header X-Coder-Bypass-Ratelimit.',
    })
  return false
}
