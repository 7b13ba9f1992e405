// Time source of schedules, passed as an argument so that tests can control it.

export interface Clock {
  now(): Date
  /** Calls once after this duration of the clock. @returns a function that cancels the call. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
