// `coder ping`: round-trip times to the agent of a workspace, through the deployment.

import { setTimeout as sleep } from 'node:timers/promises'
import { parseDuration } from '../../arguments/durations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { LatencyProbe } from '../../dial/latency.ts'
import { reachAgent } from '../../dial/reach-agent.ts'
import { parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

interface PingOptions extends GlobalOptions {
  readonly wait: string
  readonly timeout: string
  /** Unlimited by default. */
  readonly num?: number
  readonly time?: boolean
  readonly utc?: boolean
}

export async function ping([name = '']: readonly string[], options: PingOptions): Promise<void> {
  const waitMs = parseDuration(options.wait, '--wait')
  const timeoutMs = parseDuration(options.timeout, '--timeout')
  const connection = await connect(options)
  const reached = await reachAgent(connection, parseWorkspaceHost(name), { disableAutostart: true, wait: 'no' })
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const pings = new Pings(connection, reached.agent.id, timeoutMs)
  for (let count = 1; !interrupted.signal.aborted; count++) {
    const time = options.time || options.utc ? `${formatNow(options.utc ?? false)} ` : ''
    const result = await pings.measure(interrupted.signal)
    if (interrupted.signal.aborted) break
    print(`${time}${typeof result === 'number' ? `pong from ${name} in ${formatMs(result)}` : result.message}`)
    if (count === options.num) break
    await sleep(waitMs, undefined, { signal: interrupted.signal }).catch(() => undefined)
  }
  pings.close()
  print(`\n--- ${name} ---\n${summarize(pings)}`)
  if (pings.times.length === 0) process.exitCode = 1
}

/** Measures on one tunnel until a measurement fails. */
class Pings {
  readonly times: number[] = []
  sent = 0
  #probe: LatencyProbe | undefined
  readonly #connection: Connection
  readonly #agentId: string
  readonly #timeoutMs: number

  constructor(connection: Connection, agentId: string, timeoutMs: number) {
    this.#connection = connection
    this.#agentId = agentId
    this.#timeoutMs = timeoutMs
  }

  /** @returns ms, or the reason of the failure */
  async measure(signal: AbortSignal): Promise<number | Error> {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const ending = AbortSignal.any([signal, timeout])
    this.sent++
    try {
      this.#probe ??= await LatencyProbe.open(this.#connection, this.#agentId, ending)
      const time = await this.#probe.measure(ending)
      this.times.push(time)
      return time
    } catch (error) {
      // A late answer must not be taken for that of the next ping.
      this.close()
      const detail = error instanceof CommandError && error.detail ? ` ${error.detail}` : ''
      const message = timeout.aborted
        ? `No answer within ${this.#timeoutMs} ms.`
        : `${(error as Error).message}${detail}`
      return new Error(message)
    }
  }

  close(): void {
    this.#probe?.close()
    this.#probe = undefined
  }
}

function summarize({ sent, times }: Pings): string {
  const counts = `${sent} sent, ${times.length} received, ${Math.round((1 - times.length / Math.max(1, sent)) * 100)}% lost`
  if (times.length === 0) return counts
  const average = times.reduce((sum, time) => sum + time, 0) / times.length
  return `${counts}\nmin/avg/max = ${[Math.min(...times), average, Math.max(...times)].map(formatMs).join('/')}`
}

const formatMs = (ms: number) => `${ms.toFixed(2)}ms`

function formatNow(isUtc: boolean): string {
  const now = new Date()
  if (isUtc) return now.toISOString()
  const offsetMs = now.getTimezoneOffset() * 60_000
  return new Date(now.getTime() - offsetMs).toISOString().slice(0, -1)
}
