// Reports connection statistics to coderd at its interval. coderd uses them for activity detection
// and insights.

import type { ServerHttp2Session } from 'node:http2'
import { statsEveryMs } from '../../api/agents/agent-protocol.ts'
import type { BodyOf } from '../../api/endpoint.ts'
import type { reportStats } from '../../api/local.ts'
import type { TerminalBytes, TerminalCounts } from '../service-messages.ts'

export type Stats = BodyOf<typeof reportStats>

export interface StatsSources {
  terminals(): Promise<TerminalCounts>
  /** The current connection. */
  session(): ServerHttp2Session | undefined
  /** @returns when the next report is due. */
  send(stats: Stats): Promise<{ readonly report_interval_ms: number }>
  /** What coderd knows is no news after a restart of the services either. */
  remember(told: TerminalBytes): void
}

// Packets are estimated from bytes.
const bytesPerPacket = 1_448
const leastMs = 100
// First report soon after the start, which returns the interval.
const firstMs = 1_000

/** Runs until the signal aborts. Rejected reports are included in the next one.
 *  @param remembered counters reported before; all counted so far when unknown */
export function reportStatsPeriodically(
  { terminals, session, send, remember }: StatsSources,
  remembered: TerminalBytes | undefined,
  signal: AbortSignal,
): void {
  let told = remembered
  let timer: NodeJS.Timeout | undefined

  async function tell(): Promise<number> {
    const counts = await terminals()
    told ??= counts
    const latencyMs = await ping(session())
    const [rx, tx] = [counts.rxBytes - told.rxBytes, counts.txBytes - told.txBytes]
    const { report_interval_ms } = await send({
      connection_count: counts.attached,
      connections_by_proto: counts.attached > 0 ? { TCP: counts.attached } : {},
      connection_median_latency_ms: latencyMs ?? -1,
      rx_bytes: rx,
      rx_packets: Math.ceil(rx / bytesPerPacket),
      tx_bytes: tx,
      tx_packets: Math.ceil(tx / bytesPerPacket),
      session_count_vscode: 0,
      session_count_jetbrains: 0,
      session_count_reconnecting_pty: counts.attached,
      session_count_ssh: 0,
    })
    told = { rxBytes: counts.rxBytes, txBytes: counts.txBytes }
    remember(told)
    return report_interval_ms
  }

  async function tick(): Promise<void> {
    const intervalMs = await tell().catch(() => statsEveryMs)
    if (!signal.aborted) timer = setTimeout(() => void tick(), Math.max(leastMs, intervalMs))
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  timer = setTimeout(() => void tick(), firstMs)
}

/** Round-trip time to coderd in ms; undefined without a connection. */
function ping(session: ServerHttp2Session | undefined): Promise<number | undefined> {
  if (!session || session.destroyed) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const lost = () => resolve(undefined)
    session.once('close', lost)
    session.ping((error, durationMs) => {
      session.off('close', lost)
      resolve(error ? undefined : durationMs)
    })
  })
}
