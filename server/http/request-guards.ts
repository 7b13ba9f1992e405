// The door: whether a request may come in at all, whoever asks. The port on loopback is hostile ground: any page in any
// browser and any program of any user can send to it. Runs before routing on requests and before upgrades.

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../api/errors.ts'
import { findToken, readCookies, single } from './auth.ts'

export interface RequestGuards {
  /** @throws ApiError 403 for a host name that is not ours: a page whose own name was made to resolve to this machine
   *  (DNS rebinding) still sends that name. */
  checkHost(request: IncomingMessage): void
  /** @throws ApiError 403 for a page of another origin. Pages send their origin with every upgrade and every write;
   *  programs send none. */
  checkOrigin(request: IncomingMessage): void
  /** @throws ApiError 400 for a write that only a cookie vouches for: a browser sends that without being asked. */
  checkForgery(request: IncomingMessage): void
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @param urls every address at which people or agents were told to reach us */
export function createRequestGuards(urls: () => readonly string[]): RequestGuards {
  const ours = () =>
    new Set(
      urls()
        .filter(Boolean)
        .map((url) => new URL(url).hostname.toLowerCase()),
    )
  return {
    checkHost(request) {
      const name = hostName(single(request.headers.host))
      if (name !== null && (loopbackNames.has(name) || ours().has(name))) return
      throw new ApiError(403, 'This host name is not served here.', {
        detail: 'Use localhost, 127.0.0.1 or the access URL of the deployment (CODER_ACCESS_URL).',
      })
    },
    checkOrigin(request) {
      const origin = single(request.headers.origin)
      const site = single(request.headers['sec-fetch-site'])
      if (origin === undefined && request.headers.origin === undefined && !isForeignSite(site)) return
      if (origin !== undefined && isOwnOrigin(origin, request)) return
      throw new ApiError(403, 'A page of another origin may not do this.', {
        detail: `Origin: ${origin ?? 'none'}. Open the dashboard at its own address.`,
      })
    },
    checkForgery(request) {
      const token = findToken(request)
      if (token?.from !== 'cookie') return
      const { origin } = request.headers
      if (origin !== undefined) return // compared by checkOrigin, and no page can change it
      if (request.headers['coder-session-token'] === token.value) return
      if (isMaskOf(single(request.headers['x-csrf-token']), readCookies(request).csrf_token)) return
      throw new ApiError(400, 'Something is wrong with your CSRF token. Please refresh the page.', {
        detail:
          'A write with a session cookie needs the header X-CSRF-TOKEN, or Coder-Session-Token with the same key.',
      })
    },
  }
}

function hostName(host: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+)(?::\d{1,5})?$/i.exec(host ?? '')
  return match?.[1]?.toLowerCase() ?? null
}

/** `same-site` too is foreign: to a browser every port of a host is the same site. */
const isForeignSite = (site: string | undefined) => site === 'cross-site' || site === 'same-site'

function isOwnOrigin(origin: string, request: IncomingMessage): boolean {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host.toLowerCase() === single(request.headers.host)?.toLowerCase()
}

/** The header carries the cookie's 32 bytes masked: 32 random bytes, then those bytes XORed with the token. */
function isMaskOf(masked: string | undefined, cookie: string | undefined): boolean {
  if (!masked || !cookie) return false
  // Only what base64 has in it: a cookie may hold anything, and decoding all of it can fail.
  const base64 = cookie.replace(/%(?:2B|2F|3D)/gi, decodeURIComponent)
  const [mask, token] = [Buffer.from(masked, 'base64'), Buffer.from(base64, 'base64')]
  if (mask.length !== 64 || token.length !== 32) return false
  const unmasked = Buffer.from(mask.subarray(32).map((byte, at) => byte ^ (mask[at] ?? 0)))
  return timingSafeEqual(unmasked, token)
}
