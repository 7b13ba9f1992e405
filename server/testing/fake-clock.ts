// A clock that tests set manually.

import type { Clock } from '../clock.ts'

export interface FakeClock extends Clock {
  /** Sets the clock, backward too, and runs due calls in order. */
  set(time: Date | string): void
  advance(ms: number): void
}

export function fakeClock(start: Date | string): FakeClock {
  let now = new Date(start).getTime()
  const waiting = new Set<{ readonly at: number; readonly call: () => void }>()
  /** @returns whether a call was due. */
  function callFirstDue(): boolean {
    const [first] = [...waiting].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
    if (!first) return false
    waiting.delete(first)
    first.call()
    return true
  }
  const set = (time: Date | string) => {
    now = new Date(time).getTime()
    while (callFirstDue());
  }
  return {
    now: () => new Date(now),
    after(ms, call) {
      const entry = { at: now + ms, call }
      waiting.add(entry)
      return () => waiting.delete(entry)
    },
    set,
    advance: (ms) => set(new Date(now + ms)),
  }
}
