// Guards that run before routing, for requests and upgrades, regardless of the caller: Host, Origin and CSRF. Any web
// page in any browser and any local program can send requests to a port on loopback.

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from '../../api/errors.ts'
import { parseHostName } from '../../lib/host-name.ts'
import { findToken, readCookies, singleHeader } from './auth.ts'

export interface RequestGuards {
  /** Protects against DNS rebinding: a page whose host name resolves to this machine still sends that name.
   *  @throws ApiError 403 for an unknown host name */
  checkHost(request: IncomingMessage): void
  /** Browsers send an Origin header with every upgrade and every write; other programs send none.
   *  @throws ApiError 403 for a page of another origin */
  checkOrigin(request: IncomingMessage): void
  /** Protects against CSRF: browsers attach cookies automatically.
   *  @throws ApiError 400 for a write that is authenticated by a cookie alone */
  checkForgery(request: IncomingMessage): void
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @param urls all published URLs of the deployment */
export function createRequestGuards(urls: () => readonly string[]): RequestGuards {
  const ownNames = () =>
    new Set(
      urls()
        .filter(Boolean)
        .map((url) => new URL(url).hostname.toLowerCase()),
    )
  return {
    checkHost(request) {
      const isOwn = (name: string | null) => name !== null && (loopbackNames.has(name) || ownNames().has(name))
      if (isOwn(parseHostName(singleHeader(request.headers.host))) && isOwn(targetName(request.url ?? '/'))) return
      throw new ApiError(403, 'The host name is not allowed.', {
        detail: 'Use localhost, 127.0.0.1 or the access URL of the deployment (CODER_ACCESS_URL).',
      })
    },
    checkOrigin(request) {
      const origin = singleHeader(request.headers.origin)
      const site = singleHeader(request.headers['sec-fetch-site'])
      if (origin === undefined && request.headers.origin === undefined && !isForeignSite(site)) return
      if (origin !== undefined && isOwnOrigin(origin, request)) return
      throw new ApiError(403, 'Requests from pages of another origin are not allowed.', {
        detail: `Origin: ${origin ?? 'none'}. Open the dashboard at its own address.`,
      })
    },
    checkForgery(request) {
      const token = findToken(request)
      if (token?.from !== 'cookie') return
      const { origin } = request.headers
      if (origin !== undefined) return // verified by checkOrigin; pages cannot change it
      if (request.headers['coder-session-token'] === token.value) return
      if (isMaskOf(singleHeader(request.headers['x-csrf-token']), readCookies(request).csrf_token)) return
      throw new ApiError(400, 'Something is wrong with your CSRF token. Please refresh the page.', {
        detail:
          'A write with a session cookie requires the header X-CSRF-TOKEN, or Coder-Session-Token with the same key.',
      })
    },
  }
}

/** The host name of an absolute-form target (`GET http://host/path`), which takes precedence over the Host header. */
function targetName(target: string): string | null {
  if (target.startsWith('/') || target === '*') return 'localhost'
  return URL.canParse(target) ? new URL(target).hostname.toLowerCase() : null
}

/** `same-site` is foreign, too: browsers treat all ports of a host as one site. */
const isForeignSite = (site: string | undefined) => site === 'cross-site' || site === 'same-site'

function isOwnOrigin(origin: string, request: IncomingMessage): boolean {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host.toLowerCase() === singleHeader(request.headers.host)?.toLowerCase()
}

/** The header contains the 32-byte token of the cookie in masked form: 32 random bytes, then their XOR with the token. */
function isMaskOf(masked: string | undefined, cookie: string | undefined): boolean {
  if (!masked || !cookie) return false
  const [mask, token] = [Buffer.from(masked, 'base64'), Buffer.from(cookie, 'base64')]
  if (mask.length !== 64 || token.length !== 32) return false
  const unmasked = Buffer.from(mask.subarray(32).map((byte, at) => byte ^ (mask[at] ?? 0)))
  return timingSafeEqual(unmasked, token)
}
