// Pings an HTTP/2 session, and gives it up when no answer comes.

import type { ClientHttp2Session } from 'node:http2'
import { pingEveryMs, pingTimeoutMs } from '../../api/agents/agent-protocol.ts'

interface SessionWatch {
  /** Hears how long each ping was under way. */
  onLatency(latencyMs: number): void
  onSilence(): void
}

export function keepSession(session: ClientHttp2Session, { onLatency, onSilence }: SessionWatch): void {
  // Counted in unanswered pings, not in time: while this process itself was stopped nothing was asked.
  let unanswered = 0
  const ping = () => {
    // One that is being taken down is not closed at once.
    if (session.destroyed) return
    if (unanswered * pingEveryMs >= pingTimeoutMs) return onSilence()
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
