// Who asks, and whether they have asked too often: the one step between the door and the policy, for requests and
// upgrades alike.

import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '../../api/endpoint.ts'
import { authenticate, type Identity } from './auth.ts'
import type { HttpContext } from './http-context.ts'
import type { Asking, RateLimits } from './rate-limits.ts'

type SetHeader = (name: string, value: string) => void

/** @throws ApiError 401 without the proof that the endpoint demands, 429 after too many requests; keys that do not hold
 *  count for the address they come from, or they could be guessed. */
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

function toCaller({ principal, agent }: Identity): Asking['caller'] {
  if (principal) return { id: principal.userId, isOwner: principal.roles.includes('owner') }
  return agent && { id: agent.agentId, isOwner: false }
}
