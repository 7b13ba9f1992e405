// Plays a recording on a screen, at any speed and from any position. Independent of React and xterm.

import type { Cast } from '../../../lib/asciicast.ts'

export interface CastScreen {
  reset(cols: number, rows: number): void
  resize(cols: number, rows: number): void
  write(text: string): void
}

export interface CastState {
  readonly isPlaying: boolean
  /** Position in ms, with long pauses shortened. */
  readonly atMs: number
  readonly speed: number
}

export interface CastPlayer {
  /** With long pauses shortened. */
  readonly durationMs: number
  readonly state: () => CastState
  play(): void
  pause(): void
  seek(atMs: number): void
  setSpeed(speed: number): void
  /** @returns a function that removes the listener */
  onChange(listener: () => void): () => void
}

/** Replaced in tests. */
export interface PlayerClock {
  now(): number
  /** @returns a function that cancels the timer */
  wait(ms: number, callback: () => void): () => void
}

// Longer pauses in a recording are cut to this.
const maxPauseMs = 2_000
// Interval of position updates while the recording pauses.
const positionUpdateMs = 100

const systemClock: PlayerClock = {
  now: () => performance.now(),
  wait(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

export function createCastPlayer(cast: Cast, screen: CastScreen, clock: PlayerClock = systemClock): CastPlayer {
  const events = shortenPauses(cast)
  const durationMs = events.at(-1)?.atMs ?? 0
  const listeners = new Set<() => void>()
  let next = 0
  let position = 0
  let speed = 1
  /** While playing: the time at which `position` was reached. */
  let since: number | undefined
  let cancelTimer = () => undefined as unknown

  const notifyListeners = () => {
    for (const listener of listeners) listener()
  }
  const currentPosition = () =>
    Math.min(durationMs, since === undefined ? position : position + (clock.now() - since) * speed)

  const show = (until: number) => {
    for (let event = events[next]; event && event.atMs <= until; event = events[++next]) {
      if (event.kind === 'o') screen.write(event.text)
      const [, cols, rows] = (event.kind === 'r' && /^(\d+)x(\d+)$/.exec(event.text)) || []
      if (cols && rows) screen.resize(Number(cols), Number(rows))
    }
  }

  const advance = () => {
    if (since === undefined) return
    const now = currentPosition()
    show(now)
    if (next >= events.length) {
      position = durationMs
      since = undefined
      return notifyListeners()
    }
    notifyListeners()
    const untilNext = ((events[next]?.atMs ?? 0) - now) / speed
    cancelTimer = clock.wait(Math.max(0, Math.min(positionUpdateMs, untilNext)), advance)
  }

  const pause = () => {
    cancelTimer()
    position = currentPosition()
    since = undefined
  }
  const resume = () => {
    since = clock.now()
    advance()
  }
  const seek = (to: number) => {
    const wasPlaying = since !== undefined
    pause()
    const target = Math.min(durationMs, Math.max(0, to))
    if (target < position || next === 0) {
      screen.reset(cast.cols, cast.rows)
      next = 0
    }
    position = target
    show(target)
    if (wasPlaying) resume()
    notifyListeners()
  }

  screen.reset(cast.cols, cast.rows)
  return {
    durationMs,
    state: () => ({ isPlaying: since !== undefined, atMs: currentPosition(), speed }),
    play() {
      if (since !== undefined) return
      if (next >= events.length) seek(0)
      resume()
    },
    pause() {
      pause()
      notifyListeners()
    },
    seek,
    setSpeed(next) {
      const wasPlaying = since !== undefined
      pause()
      speed = next
      if (wasPlaying) resume()
      notifyListeners()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function shortenPauses({ events }: Cast): Cast['events'] {
  let before = 0
  let atMs = 0
  return events.map((event) => {
    atMs += Math.min(maxPauseMs, event.atMs - before)
    before = event.atMs
    return { ...event, atMs }
  })
}
