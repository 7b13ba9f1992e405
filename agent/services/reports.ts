// What the services tell coderd about themselves, in order, each again and again until it is taken: coderd may be away
// for a while, the order of an agent's life stays.

import type { Client } from '../../api/client.ts'
import type { BodyOf, Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import { reportLifecycle, reportScript } from '../../api/local.ts'
import type { Lifecycle } from '../service-messages.ts'

export interface Reports {
  /** Resolves when coderd has taken it, or refused it for good. */
  send<E extends Endpoint>(endpoint: E, body: BodyOf<E>): Promise<void>
  lifecycle(lifecycle: Lifecycle): Promise<void>
  script(ended: BodyOf<typeof reportScript>): Promise<void>
}

const firstRetryMs = 100
const lastRetryMs = 5_000

export function createReports(client: Client): Reports {
  let last: Promise<void> = Promise.resolve()
  const send: Reports['send'] = (endpoint, body) => {
    last = last.then(() => persist(() => client.call(endpoint, { body } as never)))
    return last
  }
  return {
    send,
    lifecycle: (lifecycle) => send(reportLifecycle, lifecycle),
    script: (ended) => send(reportScript, ended),
  }
}

/** Calls until coderd answers, and lets go where it says that it will never take this. */
export async function persist(call: () => Promise<unknown>): Promise<void> {
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, lastRetryMs)) {
    try {
      await call()
      return
    } catch (error) {
      if (!(error instanceof ApiError) || isFinal(error.status)) return console.error(`A report was refused: ${error}`)
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }
}

/** A refused request stays refused; a server that is away (0), busy (429) or in trouble (5xx) may take it later. A 401
 *  too: the token counts when the build that made it has ended. */
const isFinal = (status: number) => status >= 400 && status < 500 && status !== 401 && status !== 429
