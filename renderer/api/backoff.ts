// Reconnection delays, and the events that make a further delay pointless: the page becomes visible, the network
// returns, or the computer resumes from sleep.

const firstMs = 200
const factor = 1.7
// A local deployment restarts within seconds; a longer delay would leave the page idle after it is back.
const capMs = 5000

/** Delay before the given attempt, counted from 0, with jitter so that many pages do not reconnect simultaneously. */
export const backoffMs = (attempt: number, random: () => number = Math.random): number =>
  Math.min(capMs, firstMs * factor ** attempt) * (0.75 + random() * 0.5)

const clockEveryMs = 1000
// A timer this late indicates that the computer slept; a busy page delays timers far less.
const sleepGapMs = 5000

/** Calls the listener on each event that makes an immediate reconnection worthwhile. Returns the unsubscribe function. */
export function onWake(listener: () => void): () => void {
  const controller = new AbortController()
  const { signal } = controller
  addEventListener('online', listener, { signal })
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && listener(), { signal })
  let last = Date.now()
  const timer = setInterval(() => {
    const gap = Date.now() - last
    last = Date.now()
    if (gap > sleepGapMs) listener()
  }, clockEveryMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  return () => controller.abort()
}
