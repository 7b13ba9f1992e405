import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { monitorResources } from './resource-monitors.ts'

type Samples = Parameters<Parameters<typeof monitorResources>[1]>[0]

let folder: string
let ending: AbortController
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitors-'))
  ending = new AbortController()
})
afterEach(() => {
  ending.abort()
  rmSync(folder, { recursive: true })
})

/** The first `count` reports; the server rejects the first of them. */
function collectReports(monitors: Parameters<typeof monitorResources>[0], count: number): Promise<Samples[]> {
  const reports: Samples[] = []
  return new Promise((resolve) =>
    monitorResources(
      monitors,
      async (samples) => {
        reports.push(samples)
        if (reports.length === count) resolve(reports)
        if (reports.length === 1) throw new Error('coderd is unreachable')
      },
      ending.signal,
    ),
  )
}

test('the latest samples are reported together once there are enough, and again after each measurement', async () => {
  const reports = await collectReports({ every_ms: 5, count: 3, memory: true, volumes: [folder, '~'] }, 3)
  for (const samples of reports) expect(samples).toHaveLength(3)
  const [{ memory, volumes }] = reports[0] as [Samples[number]]
  expect(memory?.used).toBeGreaterThan(0)
  expect(memory?.used).toBeLessThanOrEqual(memory?.total ?? 0)
  expect(volumes.map(({ path }) => path)).toEqual([folder, '~'])
  // Each report drops the oldest sample.
  expect(reports[1]?.slice(0, 2)).toEqual(reports[0]?.slice(1))
})

test('unavailable volumes are omitted, and memory is measured only when monitored', async () => {
  const absent = join(folder, 'absent')
  const [samples] = await collectReports({ every_ms: 5, count: 1, memory: false, volumes: [absent] }, 1)
  expect(samples).toEqual([{ memory: null, volumes: [] }])
})
