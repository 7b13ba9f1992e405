import type { Terminal } from '@xterm/xterm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawSparingly } from './sparing.ts'

const frameMs = 16

let frames: (() => void)[] = []
let asked = 0
beforeEach(() => {
  vi.useFakeTimers()
  asked = 0
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => {
    frames.push(frame)
    return ++asked
  })
})
afterEach(() => {
  frames = []
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The parts of an xterm that are reached into. */
function openTerminal() {
  const counts = { drawn: 0, moved: 0 }
  const debouncer = {
    _animationFrame: undefined as number | undefined,
    refresh: () => (debouncer._animationFrame ??= requestAnimationFrame(() => debouncer._innerRefresh())),
    _innerRefresh() {
      debouncer._animationFrame = undefined
      counts.drawn++
    },
  }
  const selection = {
    _model: { finalSelectionStart: undefined as number[] | undefined },
    refresh: () => void counts.moved++,
  }
  const _core = { _renderService: { _renderDebouncer: debouncer }, _selectionService: selection }
  const wrote = drawSparingly({ _core } as unknown as Terminal)
  /** What a write of so many bytes asks for, and then one frame of the screen. */
  const frame = (byteCount: number) => {
    wrote(byteCount)
    if (byteCount > 0) debouncer.refresh()
    for (const run of frames.splice(0)) run()
    vi.advanceTimersByTime(frameMs)
  }
  return { counts, selection, frame }
}

test('a screen that changes a little is drawn in each frame', () => {
  const { counts, frame } = openTerminal()
  for (let at = 0; at < 6; at++) frame(4_096)
  expect(counts.drawn).toBe(6)
})

test('in a flood fewer frames are drawn, none between is asked for, and the last comes without anything that follows', () => {
  const { counts, frame } = openTerminal()
  const seconds = 3
  for (let at = 0; at < (seconds * 1_000) / frameMs; at++) frame(500_000)
  expect(counts.drawn / seconds).toBeGreaterThan(10)
  expect(counts.drawn / seconds).toBeLessThan(16)
  expect(asked).toBeLessThanOrEqual(2 * counts.drawn + 2)
  const { drawn } = counts
  frame(500_000)
  for (let at = 0; at < 8; at++) frame(0)
  expect(counts.drawn).toBeGreaterThan(drawn)
  const last = counts.drawn
  frame(10)
  expect(counts.drawn).toBe(last + 1)
})

test('a selection is moved while there is one, and taken away once', () => {
  const { counts, selection } = openTerminal()
  selection.refresh()
  expect(counts.moved).toBe(0)
  selection._model.finalSelectionStart = [0, 1]
  selection.refresh()
  selection.refresh()
  selection._model.finalSelectionStart = undefined
  selection.refresh()
  expect(counts.moved).toBe(3)
  selection.refresh()
  expect(counts.moved).toBe(3)
})
