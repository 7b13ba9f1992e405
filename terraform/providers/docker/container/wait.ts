// Waits for a container: until it is healthy, or until it ends.

import { setTimeout as sleep } from 'node:timers/promises'
import type { OperationContext } from '../../../provider.ts'
import type { EngineClient } from '../engine/client.ts'
import { readOutputFrames } from '../engine/output-frames.ts'
import type { Inspection } from './inspection.ts'

// Docker itself measures health once a second at most.
const healthPollMs = 200

/** @throws Error if the container has no health check, ends, is unhealthy or takes longer */
export async function waitUntilHealthy(
  client: EngineClient,
  id: string,
  timeoutMs: number,
  { signal }: OperationContext,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const { State } = await client.call<Inspection>('GET', `/containers/${id}/json`, { signal })
    const { Health } = State
    if (!Health)
      throw new Error('"wait" needs a health check: add a "healthcheck" block, or use an image that has one.')
    if (Health.Status === 'healthy') return
    const output = Health.Log?.at(-1)?.Output.trim() ?? ''
    if (!State.Running)
      throw new Error(`The container ended with status ${State.ExitCode} before it was healthy. ${output}`)
    if (Health.Status === 'unhealthy') throw new Error(`The container is unhealthy. Its last check printed: ${output}`)
    if (Date.now() > deadline)
      throw new Error(`The container was not healthy after ${timeoutMs / 1000} seconds. ${output}`)
    await sleep(healthPollMs, undefined, { signal })
  }
}

export async function waitForExit(client: EngineClient, id: string, { signal }: OperationContext): Promise<void> {
  await client.call('POST', `/containers/${id}/wait`, { signal })
}

export async function readLogs(client: EngineClient, id: string, hasTerminal: boolean): Promise<string> {
  const response = await client.open('GET', `/containers/${id}/logs`, { query: { stdout: true, stderr: true } })
  const output = Buffer.concat(await response.toArray())
  return hasTerminal ? output.toString() : readOutputFrames(output)
}
