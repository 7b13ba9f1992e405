// Plays a recording on a screen: in its own time, faster, from any moment. Knows no React and no xterm.

import type { Cast } from '../../../lib/asciicast.ts'

export interface CastScreen {
  reset(cols: number, rows: number): void
  resize(cols: number, rows: number): void
  write(text: string): void
}

export interface CastState {
  readonly isPlaying: boolean
  /** Where it is, ms of the recording as it is played. */
  readonly atMs: number
  readonly speed: number
}

export interface CastPlayer {
  /** As it is played: with long pauses made short. */
  readonly durationMs: number
  readonly state: () => CastState
  play(): void
  pause(): void
  seek(atMs: number): void
  setSpeed(speed: number): void
  /** Returns the way to stop listening. */
  onChange(listener: () => void): () => void
}

/** What time is and how to wait, for tests to say. */
export interface PlayerClock {
  now(): number
  /** Returns the way to call it off. */
  wait(ms: number, then: () => void): () => void
}

// Nobody watches somebody think for longer.
const maxPauseMs = 2_000
// How often the position is told while nothing happens.
const positionUpdateMs = 100

const systemClock: PlayerClock = {
  now: () => performance.now(),
  wait(ms, then) {
    const timer = setTimeout(then, ms)
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
  /** Set while it plays: when the position was true. */
  let since: number | undefined
  let stopWaiting = () => undefined as unknown

  const notifyListeners = () => {
    for (const listener of listeners) listener()
  }
  const at = () => Math.min(durationMs, since === undefined ? position : position + (clock.now() - since) * speed)

  const show = (until: number) => {
    for (let event = events[next]; event && event.atMs <= until; event = events[++next]) {
      if (event.kind === 'o') screen.write(event.text)
      const [, cols, rows] = (event.kind === 'r' && /^(\d+)x(\d+)$/.exec(event.text)) || []
      if (cols && rows) screen.resize(Number(cols), Number(rows))
    }
  }

  const advance = () => {
    if (since === undefined) return
    const now = at()
    show(now)
    if (next >= events.length) {
      position = durationMs
      since = undefined
      return notifyListeners()
    }
    notifyListeners()
    const untilNext = ((events[next]?.atMs ?? 0) - now) / speed
    stopWaiting = clock.wait(Math.max(0, Math.min(positionUpdateMs, untilNext)), advance)
  }

  const pause = () => {
    stopWaiting()
    position = at()
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
    state: () => ({ isPlaying: since !== undefined, atMs: at(), speed }),
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
    setSpeed(wanted) {
      const wasPlaying = since !== undefined
      pause()
      speed = wanted
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
