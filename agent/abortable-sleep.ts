import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves after `ms` milliseconds, or when the signal is aborted. */
export const abortableSleep = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined)
