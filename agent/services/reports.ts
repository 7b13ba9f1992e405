// Queue of reports to coderd, each retried until it is accepted or rejected: coderd may be unreachable for a while, and
// lifecycle states must arrive in order.

import type { Client } from '../../api/client.ts'
import type { BodyOf, Endpoint } from '../../api/endpoint.ts'
import { ApiError } from '../../api/errors.ts'
import { reportLifecycle, reportScript } from '../../api/local.ts'
import type { Lifecycle } from '../service-messages.ts'

export interface Reports {
  /** Resolves when coderd has accepted or permanently rejected the report. */
  send<E extends Endpoint>(endpoint: E, body: BodyOf<E>): Promise<void>
  lifecycle(lifecycle: Lifecycle): Promise<void>
  script(result: BodyOf<typeof reportScript>): Promise<void>
}

const firstRetryMs = 100
const lastRetryMs = 5_000

export function createReports(client: Client): Reports {
  let last: Promise<void> = Promise.resolve()
  const send: Reports['send'] = (endpoint, body) => {
    last = last.then(() => retryUntilAnswered(() => client.call(endpoint, { body } as never)))
    return last
  }
  return {
    send,
    lifecycle: (lifecycle) => send(reportLifecycle, lifecycle),
    script: (result) => send(reportScript, result),
  }
}

/** Retries until coderd answers; stops after a permanent rejection. */
export async function retryUntilAnswered(call: () => Promise<unknown>): Promise<void> {
  for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, lastRetryMs)) {
    try {
      await call()
      return
    } catch (error) {
      if (!(error instanceof ApiError) || isPermanent(error.status))
        return console.error(`coderd rejected a report: ${error}`)
    }
    await new Promise((resolve) => setTimeout(resolve, delayMs))
  }
}

/** Whether a retry is useless. Retried: server unreachable (0), busy (429), failing (5xx), and 401, because the token
 *  becomes valid when its build has completed. */
const isPermanent = (status: number) => status >= 400 && status < 500 && status !== 401 && status !== 429
