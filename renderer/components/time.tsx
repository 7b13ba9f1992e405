// Relative times and durations, updated while shown, with the exact time on hover.

import { useCallback, useSyncExternalStore } from 'react'

const dateTimeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const dateFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** `just now`, `3 min ago`, `yesterday`, `6 days ago`, then the date. */
export function relativeTime(at: number, now: number): string {
  const ago = now - at
  if (ago < 10 * secondMs) return 'just now'
  if (ago < minuteMs) return `${Math.floor(ago / secondMs)} s ago`
  if (ago < hourMs) return `${Math.floor(ago / minuteMs)} min ago`
  if (ago < dayMs) return `${Math.floor(ago / hourMs)} h ago`
  if (ago < 2 * dayMs) return 'yesterday'
  if (ago < 30 * dayMs) return `${Math.floor(ago / dayMs)} days ago`
  return dateFormat.format(at)
}

/** `24 ms`, `1.2 s`, `12 s`, `4 min 3 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms)
  if (value < secondMs) return `${Math.round(value)} ms`
  if (value < 10 * secondMs) return `${(value / secondMs).toFixed(1)} s`
  if (value < minuteMs) return `${Math.floor(value / secondMs)} s`
  if (value < hourMs) return `${Math.floor(value / minuteMs)} min ${Math.floor((value % minuteMs) / secondMs)} s`
  return `${Math.floor(value / hourMs)} h ${Math.floor((value % hourMs) / minuteMs)} min`
}

export const clockTime = (at: number): string => timeFormat.format(at)
export const exactTime = (at: number): string => dateTimeFormat.format(at)

/** Coder encodes an unset time as the year 1. */
export const isSet = (timestamp: string | null | undefined): timestamp is string =>
  timestamp != null && !timestamp.startsWith('0001-')

interface Clock {
  now: number
  readonly listeners: Set<() => void>
  timer: number
}

// One timer per interval, shared by all components: a long list must not create a timer for each row.
const clocks = new Map<number, Clock>()

function getClock(everyMs: number): Clock {
  let clock = clocks.get(everyMs)
  if (!clock) {
    clock = { now: Date.now(), listeners: new Set(), timer: 0 }
    clocks.set(everyMs, clock)
  }
  return clock
}

function listenTo(clock: Clock, everyMs: number, listener: () => void): () => void {
  if (clock.listeners.size === 0) {
    clock.now = Date.now()
    clock.timer = window.setInterval(() => {
      clock.now = Date.now()
      for (const notify of clock.listeners) notify()
    }, everyMs)
  }
  clock.listeners.add(listener)
  return () => {
    clock.listeners.delete(listener)
    if (clock.listeners.size === 0) clearInterval(clock.timer)
  }
}

/** The current time, updated at the given interval while the component is mounted. */
export function useNow(everyMs: number): number {
  const clock = getClock(everyMs)
  const subscribe = useCallback((listener: () => void) => listenTo(clock, everyMs, listener), [clock, everyMs])
  const now = useSyncExternalStore(subscribe, () => clock.now)
  // A clock without listeners is not updated.
  return clock.listeners.size === 0 ? Date.now() : now
}

export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow(10 * secondMs)
  if (!isSet(at)) return <>never</>
  const time = Date.parse(at)
  return (
    <time dateTime={at} title={exactTime(time)} className="tabular">
      {relativeTime(time, Math.max(now, time))}
    </time>
  )
}

/** Time since a start, in whole seconds. */
export function Elapsed({ since }: { since: string | number }) {
  const now = useNow(secondMs / 2)
  const start = typeof since === 'number' ? since : Date.parse(since)
  const seconds = Math.max(0, Math.floor((now - start) / secondMs))
  return <span className="tabular">{seconds < 60 ? `${seconds} s` : duration(seconds * secondMs)}</span>
}
