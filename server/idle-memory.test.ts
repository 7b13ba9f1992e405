import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { returnMemoryWhenIdle } from './idle-memory.ts'

const megabyte = 1024 * 1024
let cpuMs: number
let resident: number
let collections: number
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  cpuMs = 0
  resident = 200 * megabyte
  collections = 0
  stop = returnMemoryWhenIdle({
    cpuMs: () => cpuMs,
    residentBytes: () => resident,
    collect() {
      collections++
      resident = 100 * megabyte
    },
  })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

/** Lets a minute pass in which coderd uses this share of a CPU. */
function passMinute(share: number): void {
  for (let check = 0; check < 3; check++) {
    cpuMs += share * 20_000
    vi.advanceTimersByTime(20_000)
  }
}

test('memory is collected once when coderd becomes idle, and again after it has grown', () => {
  passMinute(0.01)
  expect(collections).toBe(1)
  passMinute(0)
  resident += 10 * megabyte
  passMinute(0)
  expect(collections).toBe(1)
  resident += 10 * megabyte
  passMinute(0)
  expect(collections).toBe(2)
})

test('a busy coderd is not interrupted', () => {
  passMinute(0.2)
  passMinute(1)
  expect(collections).toBe(0)
})

test('a collection of this process frees garbage', () => {
  stop()
  let garbage: unknown[] | null = Array.from({ length: 100_000 }, (_, at) => ({ at, text: `${at}` }))
  const before = process.memoryUsage().heapUsed
  garbage = garbage.length > 0 ? null : garbage
  stop = returnMemoryWhenIdle()
  passMinute(0)
  expect(process.memoryUsage().heapUsed).toBeLessThan(before)
})
