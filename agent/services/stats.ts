// Reports connection statistics to coderd at its interval. coderd uses them for activity detection and insights.

import type { ServerHttp2Session } from 'node:http2'
import { statsEveryMs } from '../../api/agents/agent-protocol.ts'
import type { BodyOf } from '../../api/endpoint.ts'
import type { reportStats } from '../../api/local.ts'
import type { TerminalBytes, TerminalCounts } from '../service-messages.ts'
import type { SessionCounts } from './ssh/session-counts.ts'

export type Stats = BodyOf<typeof reportStats>

export interface StatsSources {
  terminals(): Promise<TerminalCounts>
  /** Open SSH sessions and connections. */
  ssh(): ReturnType<SessionCounts['read']>
  /** The current connection. */
  session(): ServerHttp2Session | undefined
  /** @returns the interval until the next report */
  send(stats: Stats): Promise<{ readonly report_interval_ms: number }>
  /** Called after each report with the reported totals, which survive a restart of the services. */
  onReported(totals: TerminalBytes): void
}

// Packets are estimated from bytes.
const bytesPerPacket = 1_448
const minIntervalMs = 100
// The first report follows soon after the start: it returns the interval.
const firstDelayMs = 1_000

/** Runs until the signal aborts. Rejected reports are included in the next one.
 *  @param initial totals reported before; when unknown, the current totals count as reported */
export function reportStatsPeriodically(
  { terminals, ssh, session, send, onReported }: StatsSources,
  initial: TerminalBytes | undefined,
  signal: AbortSignal,
): void {
  let reported = initial
  let timer: NodeJS.Timeout | undefined

  async function report(): Promise<number> {
    const counts = await terminals()
    const sessions = ssh()
    const connections = counts.attached + sessions.connections
    reported ??= counts
    const latencyMs = await ping(session())
    const [rx, tx] = [counts.rxBytes - reported.rxBytes, counts.txBytes - reported.txBytes]
    const { report_interval_ms } = await send({
      connection_count: connections,
      connections_by_proto: connections > 0 ? { TCP: connections } : {},
      connection_median_latency_ms: latencyMs ?? -1,
      rx_bytes: rx,
      rx_packets: Math.ceil(rx / bytesPerPacket),
      tx_bytes: tx,
      tx_packets: Math.ceil(tx / bytesPerPacket),
      session_count_vscode: sessions.vscode,
      session_count_jetbrains: sessions.jetbrains,
      session_count_reconnecting_pty: counts.attached,
      session_count_ssh: sessions.ssh,
    })
    reported = { rxBytes: counts.rxBytes, txBytes: counts.txBytes }
    onReported(reported)
    return report_interval_ms
  }

  async function tick(): Promise<void> {
    const intervalMs = await report().catch(() => statsEveryMs)
    if (!signal.aborted) timer = setTimeout(() => void tick(), Math.max(minIntervalMs, intervalMs))
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  timer = setTimeout(() => void tick(), firstDelayMs)
}

/** Round-trip time to coderd in ms; undefined without a connection. */
function ping(session: ServerHttp2Session | undefined): Promise<number | undefined> {
  if (!session || session.destroyed) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const onClose = () => resolve(undefined)
    session.once('close', onClose)
    session.ping((error, durationMs) => {
      session.off('close', onClose)
      resolve(error ? undefined : durationMs)
    })
  })
}
