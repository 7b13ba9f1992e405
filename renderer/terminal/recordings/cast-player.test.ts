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

/** Time that passes when the test says so. */
function openPlayer() {
  let now = 0
  let waiting: { at: number; then: () => void } | undefined
  const clock: PlayerClock = {
    now: () => now,
    wait(ms, then) {
      const mine = { at: now + ms, then }
      waiting = mine
      return () => {
        if (waiting === mine) waiting = undefined
      }
    },
  }
  const pass = (ms: number) => {
    const until = now + ms
    while (waiting && waiting.at <= until) {
      const { at, then } = waiting
      waiting = undefined
      now = at
      then()
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
  return { player, pass, shown: () => shown }
}

test('it plays in its own time, with long pauses made short, and stops at its end', () => {
  const { player, pass, shown } = openPlayer()
  expect(player.durationMs).toBe(3_000)
  player.play()
  expect(shown()).toBe('<80x24>a')
  pass(499)
  expect(shown()).toBe('<80x24>a')
  pass(1)
  expect(shown()).toBe('<80x24>ab')
  pass(2_000)
  expect(shown()).toBe('<80x24>ab<100x30>')
  pass(500)
  expect(shown()).toBe('<80x24>ab<100x30>c')
  expect(player.state()).toEqual({ isPlaying: false, atMs: 3_000, speed: 1 })
})

test('it is paused, goes on, and plays faster', () => {
  const { player, pass, shown } = openPlayer()
  player.play()
  pass(300)
  player.pause()
  pass(10_000)
  expect(player.state()).toEqual({ isPlaying: false, atMs: 300, speed: 1 })
  player.setSpeed(4)
  player.play()
  pass(50)
  expect(shown()).toBe('<80x24>ab')
})

test('going back draws it from its beginning, going on only what is missing', () => {
  const { player, shown } = openPlayer()
  player.seek(3_000)
  expect(shown()).toBe('<80x24>ab<100x30>c')
  player.seek(600)
  expect(shown()).toBe('<80x24>ab')
  player.seek(2_500)
  expect(shown()).toBe('<80x24>ab<100x30>')
  expect(player.state().isPlaying).toBe(false)
})

test('played at its end, it begins again', () => {
  const { player, pass, shown } = openPlayer()
  player.seek(3_000)
  player.play()
  expect(shown()).toBe('<80x24>a')
  pass(500)
  expect(shown()).toBe('<80x24>ab')
})
