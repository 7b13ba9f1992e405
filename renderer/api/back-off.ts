// How long to wait before dialling again, and the moments at which waiting is pointless: the page is looked at again,
// the network came back, the computer woke up.

const firstMs = 200
const factor = 1.7
// A deployment on this computer is back within seconds of its trouble; nobody should look at an idle page for longer.
const capMs = 5000

/** Delay before the given attempt, counted from 0, with jitter so that many pages do not dial at once. */
export const backOffMs = (attempt: number, random: () => number = Math.random): number =>
  Math.min(capMs, firstMs * factor ** attempt) * (0.75 + random() * 0.5)

const clockEveryMs = 1000
// A timer this late means that the process slept: far above what a busy page is late by.
const sleepGapMs = 5000

/** Calls back whenever a dropped connection is worth trying at once. Returns the way to stop. */
export function onWake(listener: () => void): () => void {
  const ending = new AbortController()
  const { signal } = ending
  addEventListener('online', listener, { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && listener(), { signal })
  let last = Date.now()
  const timer = setInterval(() => {
    const gap = Date.now() - last
    last = Date.now()
    if (gap > sleepGapMs) listener()
  }, clockEveryMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  return () => ending.abort()
}
