// What time it is, as the schedules see it: passed to whoever decides by the time of day, so that tests can turn it.

export interface Clock {
  now(): Date
  /** Calls once, when this much time of the clock has passed. @returns forgets the call. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
