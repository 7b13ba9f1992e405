import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { expect, test } from 'vitest'
import { type Stats, type TerminalCounts, tellStats } from './stats.ts'

/** A connection that answers each ping, until told otherwise. */
class TestSession extends EventEmitter {
  destroyed = false
  answers = true

  ping(answered: (error: Error | null, durationMs: number) => void): void {
    if (this.answers) answered(null, 0.5)
    else this.emit('close')
  }
}

test('each report tells what is new since the last one that was taken, and leaves nothing on the connection', async () => {
  const ending = new AbortController()
  const session = new TestSession()
  const counts: TerminalCounts[] = [
    { attached: 1, rxBytes: 100, txBytes: 3_000 },
    { attached: 2, rxBytes: 150, txBytes: 3_000 },
    { attached: 0, rxBytes: 160, txBytes: 4_000 },
  ]
  const told: Stats[] = []
  const done = Promise.withResolvers<void>()
  tellStats(
    {
      terminals: async () => counts[Math.min(told.length, 2)] as TerminalCounts,
      session: () => session as unknown as ServerHttp2Session,
      async send(stats) {
        told.push(stats)
        session.answers = false
        if (told.length === 3) done.resolve()
        return { report_interval_ms: 1 }
      },
    },
    ending.signal,
  )
  await done.promise
  ending.abort()
  expect(told.map((stats) => [stats.session_count_reconnecting_pty, stats.rx_bytes, stats.tx_bytes])).toEqual([
    [1, 100, 3_000],
    [2, 50, 0],
    [0, 10, 1_000],
  ])
  expect(told.map((stats) => stats.connection_median_latency_ms)).toEqual([0.5, -1, -1])
  expect(told[0]).toMatchObject({ connections_by_proto: { TCP: 1 }, connection_count: 1, tx_packets: 3 })
  expect(session.listenerCount('close')).toBe(0)
})
