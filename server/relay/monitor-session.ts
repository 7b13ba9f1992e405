// Pings an HTTP/2 session to measure its latency and to detect that the peer is gone.

import type { ClientHttp2Session } from 'node:http2'
import { pingEveryMs, pingTimeoutMs } from '../../api/agents/agent-protocol.ts'

interface SessionMonitor {
  /** Called with the round-trip time of each ping. */
  onLatency(latencyMs: number): void
  onTimeout(): void
}

export function monitorSession(session: ClientHttp2Session, { onLatency, onTimeout }: SessionMonitor): void {
  // Counts pings instead of elapsed time: no pings are sent while this process is suspended.
  let unanswered = 0
  const ping = () => {
    // A destroyed session emits `close` later.
    if (session.destroyed) return
    if (unanswered * pingEveryMs >= pingTimeoutMs) return onTimeout()
    unanswered++
    session.ping((error, latencyMs) => {
      if (error) return
      unanswered = 0
      onLatency(latencyMs)
    })
  }
  session.once('connect', ping)
  const timer = setInterval(ping, pingEveryMs)
  session.on('close', () => clearInterval(timer))
}
