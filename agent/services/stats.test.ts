import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { expect, test } from 'vitest'
import type { TerminalBytes, TerminalCounts } from '../service-messages.ts'
import { reportStatsPeriodically, type Stats } from './stats.ts'

/** A connection that answers each ping, until told otherwise. */
class TestSession extends EventEmitter {
  destroyed = false
  answers = true

  ping(answered: (error: Error | null, durationMs: number) => void): void {
    if (this.answers) answered(null, 0.5)
    else this.emit('close')
  }
}

/** Three reports of services that begin with this remembered, and what they remembered last. */
async function threeReports(remembered: TerminalBytes | undefined) {
  const ending = new AbortController()
  const session = new TestSession()
  const counts: TerminalCounts[] = [
    { attached: 1, rxBytes: 100, txBytes: 3_000 },
    { attached: 2, rxBytes: 150, txBytes: 3_000 },
    { attached: 0, rxBytes: 160, txBytes: 4_000 },
  ]
  const told: Stats[] = []
  let last: TerminalBytes | undefined
  const done = Promise.withResolvers<void>()
  reportStatsPeriodically(
    {
      terminals: async () => counts[Math.min(told.length, 2)] as TerminalCounts,
      session: () => session as unknown as ServerHttp2Session,
      async send(stats) {
        told.push(stats)
        session.answers = false
        return { report_interval_ms: 1 }
      },
      remember(bytes) {
        last = bytes
        if (told.length === 3) done.resolve()
      },
    },
    remembered,
    ending.signal,
  )
  await done.promise
  ending.abort()
  return { told, last, session }
}

test('each report tells what is new since the last one that was taken, and leaves nothing on the connection', async () => {
  const { told, session } = await threeReports({ rxBytes: 0, txBytes: 0 })
  expect(told.map((stats) => [stats.session_count_reconnecting_pty, stats.rx_bytes, stats.tx_bytes])).toEqual([
    [1, 100, 3_000],
    [2, 50, 0],
    [0, 10, 1_000],
  ])
  expect(told.map((stats) => stats.connection_median_latency_ms)).toEqual([0.5, -1, -1])
  expect(told[0]).toMatchObject({ connections_by_proto: { TCP: 1 }, connection_count: 1, tx_packets: 3 })
  expect(session.listenerCount('close')).toBe(0)
})

test.each([
  ['tell nothing twice', { rxBytes: 90, txBytes: 2_000 }, 10, 1_000],
  ['take for told what was before them, where an earlier agent remembers nothing', undefined, 0, 0],
])('services that were started again %s', async (_, remembered, rx, tx) => {
  const { told, last } = await threeReports(remembered)
  expect(told.map((stats) => [stats.rx_bytes, stats.tx_bytes])).toEqual([
    [rx, tx],
    [50, 0],
    [10, 1_000],
  ])
  expect(last).toEqual({ rxBytes: 160, txBytes: 4_000 })
})
