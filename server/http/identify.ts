// Authentication and rate limiting, for requests and upgrades. Runs after the request guards and before authorization.

import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../api/endpoint.ts'
import { authenticate, type Identity } from './auth.ts'
import type { HttpContext } from './http-context.ts'
import type { CountedRequest, RateLimits } from './rate-limits.ts'

type SetHeader = (name: string, value: string) => void

/** Failed authentications count against the peer address, which prevents guessing of keys.
 *  @throws ApiError 401 without valid credentials, 429 after too many requests */
export async function identify(
  context: HttpContext,
  limits: RateLimits,
  endpoint: Endpoint,
  request: IncomingMessage,
  setHeader: SetHeader = () => undefined,
): Promise<Identity> {
  const identity = await authenticate(context, endpoint, request).catch((error: unknown) => {
    limits.count({ endpoint, request, caller: null }, setHeader)
    throw error
  })
  limits.count({ endpoint, request, caller: toCaller(identity) }, setHeader)
  return identity
}

function toCaller({ principal, agent }: Identity): CountedRequest['caller'] {
  if (principal) return { id: principal.userId, isOwner: principal.roles.includes('owner') }
  return agent && { id: agent.agentId, isOwner: false }
}
