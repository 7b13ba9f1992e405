import type { Terminal } from '@xterm/xterm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawSparingly } from './sparing.ts'

let frames: (() => void)[] = []
beforeEach(() => vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame)))
afterEach(() => {
  frames = []
  vi.unstubAllGlobals()
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
  }
  return { counts, selection, frame }
}

test('a screen that changes a little is drawn in each frame', () => {
  const { counts, frame } = openTerminal()
  for (let at = 0; at < 6; at++) frame(4_096)
  expect(counts.drawn).toBe(6)
})

test('in a flood one frame of four is drawn, and the last of it without anything that follows', () => {
  const { counts, frame } = openTerminal()
  for (let at = 0; at < 12; at++) frame(500_000)
  expect(counts.drawn).toBe(3)
  frame(500_000)
  for (let at = 0; at < 4; at++) frame(0)
  expect(counts.drawn).toBe(4)
  frame(10)
  expect(counts.drawn).toBe(5)
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
