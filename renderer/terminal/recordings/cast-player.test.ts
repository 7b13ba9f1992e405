import { expect, test } from 'vitest'
import type { Cast } from '../../../lib/asciicast.ts'
import { createCastPlayer, type PlayerClock } from './cast-player.ts'

const cast: Cast = {
  cols: 80,
  rows: 24,
  events: [
    { atMs: 0, kind: 'o', text: 'a' },
    { atMs: 500, kind: 'o', text: 'b' },
    { atMs: 60_500, kind: 'r', text: '100x30' },
    { atMs: 60_600, kind: 'i', text: 'typed' },
    { atMs: 61_000, kind: 'o', text: 'c' },
  ],
}

/** A player with a clock that the test advances. */
function openPlayer() {
  let now = 0
  let pending: { at: number; callback: () => void } | undefined
  const clock: PlayerClock = {
    now: () => now,
    wait(ms, callback) {
      const timer = { at: now + ms, callback }
      pending = timer
      return () => {
        if (pending === timer) pending = undefined
      }
    },
  }
  const advance = (ms: number) => {
    const until = now + ms
    while (pending && pending.at <= until) {
      const { at, callback } = pending
      pending = undefined
      now = at
      callback()
    }
    now = until
  }
  let shown = ''
  const player = createCastPlayer(
    cast,
    {
      reset: (cols, rows) => (shown = `<${cols}x${rows}>`),
      resize: (cols, rows) => (shown += `<${cols}x${rows}>`),
      write: (text) => (shown += text),
    },
    clock,
  )
  return { player, advance, shown: () => shown }
}

test('a recording plays in real time with shortened pauses and stops at its end', () => {
  const { player, advance, shown } = openPlayer()
  expect(player.durationMs).toBe(3_000)
  player.play()
  expect(shown()).toBe('<80x24>a')
  advance(499)
  expect(shown()).toBe('<80x24>a')
  advance(1)
  expect(shown()).toBe('<80x24>ab')
  advance(2_000)
  expect(shown()).toBe('<80x24>ab<100x30>')
  advance(500)
  expect(shown()).toBe('<80x24>ab<100x30>c')
  expect(player.state()).toEqual({ isPlaying: false, atMs: 3_000, speed: 1 })
})

test('playback pauses, resumes and changes speed', () => {
  const { player, advance, shown } = openPlayer()
  player.play()
  advance(300)
  player.pause()
  advance(10_000)
  expect(player.state()).toEqual({ isPlaying: false, atMs: 300, speed: 1 })
  player.setSpeed(4)
  player.play()
  advance(50)
  expect(shown()).toBe('<80x24>ab')
})

test('seeking backward redraws from the start, seeking forward adds only the missing output', () => {
  const { player, shown } = openPlayer()
  player.seek(3_000)
  expect(shown()).toBe('<80x24>ab<100x30>c')
  player.seek(600)
  expect(shown()).toBe('<80x24>ab')
  player.seek(2_500)
  expect(shown()).toBe('<80x24>ab<100x30>')
  expect(player.state().isPlaying).toBe(false)
})

test('playing at the end starts again', () => {
  const { player, advance, shown } = openPlayer()
  player.seek(3_000)
  player.play()
  expect(shown()).toBe('<80x24>a')
  advance(500)
  expect(shown()).toBe('<80x24>ab')
})
