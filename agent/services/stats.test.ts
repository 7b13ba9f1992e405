import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { expect, test } from 'vitest'
import type { TerminalBytes, TerminalCounts } from '../service-messages.ts'
import { reportStatsPeriodically, type Stats } from './stats.ts'

/** A connection that answers each ping while `answers` is true. */
class TestSession extends EventEmitter {
  destroyed = false
  answers = true

  ping(onAnswer: (error: Error | null, durationMs: number) => void): void {
    if (this.answers) onAnswer(null, 0.5)
    else this.emit('close')
  }
}

/** Three reports of services that start with these totals, and the last totals they stored. */
async function collectReports(initial: TerminalBytes | undefined) {
  const ending = new AbortController()
  const session = new TestSession()
  const counts: TerminalCounts[] = [
    { attached: 1, rxBytes: 100, txBytes: 3_000 },
    { attached: 2, rxBytes: 150, txBytes: 3_000 },
    { attached: 0, rxBytes: 160, txBytes: 4_000 },
  ]
  const reports: Stats[] = []
  let last: TerminalBytes | undefined
  const done = Promise.withResolvers<void>()
  reportStatsPeriodically(
    {
      terminals: async () => counts[Math.min(reports.length, 2)] as TerminalCounts,
      ssh: () => ({ ssh: 2, vscode: 1, jetbrains: 0, connections: 3 }),
      session: () => session as unknown as ServerHttp2Session,
      async send(stats) {
        reports.push(stats)
        session.answers = false
        return { report_interval_ms: 1 }
      },
      onReported(totals) {
        last = totals
        if (reports.length === 3) done.resolve()
      },
    },
    initial,
    ending.signal,
  )
  await done.promise
  ending.abort()
  return { reports, last, session }
}

test('each report contains the changes since the last accepted one, and no listener stays on the connection', async () => {
  const { reports, session } = await collectReports({ rxBytes: 0, txBytes: 0 })
  expect(reports.map((stats) => [stats.session_count_reconnecting_pty, stats.rx_bytes, stats.tx_bytes])).toEqual([
    [1, 100, 3_000],
    [2, 50, 0],
    [0, 10, 1_000],
  ])
  expect(reports.map((stats) => stats.connection_median_latency_ms)).toEqual([0.5, -1, -1])
  expect(reports[0]).toMatchObject({ connections_by_proto: { TCP: 4 }, connection_count: 4, tx_packets: 3 })
  expect(reports[0]).toMatchObject({ session_count_ssh: 2, session_count_vscode: 1, session_count_jetbrains: 0 })
  expect(session.listenerCount('close')).toBe(0)
})

test.each([
  ['report no bytes twice', { rxBytes: 90, txBytes: 2_000 }, 10, 1_000],
  ['count earlier bytes as reported when an older holder stored no totals', undefined, 0, 0],
])('restarted services %s', async (_, initial, rx, tx) => {
  const { reports, last } = await collectReports(initial)
  expect(reports.map((stats) => [stats.rx_bytes, stats.tx_bytes])).toEqual([
    [rx, tx],
    [50, 0],
    [10, 1_000],
  ])
  expect(last).toEqual({ rxBytes: 160, txBytes: 4_000 })
})
