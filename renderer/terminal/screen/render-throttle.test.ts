import type { Terminal } from '@xterm/xterm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttleRendering } from './render-throttle.ts'

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
  const counts = { drawn: 0, moved: 0, scrolled: 0, placed: 0 }
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
  const viewport = { _sync: (_line?: number) => void counts.scrolled++ }
  const _core = {
    _renderService: { _renderDebouncer: debouncer },
    _selectionService: selection,
    _viewport: viewport,
    _syncTextArea: () => void counts.placed++,
  }
  const classes = new Set<string>()
  const classList = { add: (name: string) => classes.add(name), remove: (name: string) => classes.delete(name) }
  const wrote = throttleRendering({ _core, element: { classList } } as unknown as Terminal)
  /** What a write of so many bytes asks for, and then one frame of the screen. */
  const frame = (byteCount: number) => {
    wrote(byteCount)
    if (byteCount > 0) debouncer.refresh()
    for (const run of frames.splice(0)) run()
    vi.advanceTimersByTime(frameMs)
  }
  /** What a line does. */
  const scroll = (line?: number) => {
    viewport._sync(line)
    _core._syncTextArea()
  }
  return { counts, classes, selection, frame, scroll }
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

test('the scroll bar goes with each line, in a flood with each frame, and at once where somebody scrolls', () => {
  const { counts, frame, scroll } = openTerminal()
  for (let at = 0; at < 3; at++) scroll()
  expect(counts).toMatchObject({ scrolled: 3, placed: 3 })
  frame(500_000)
  for (let at = 0; at < 1_000; at++) scroll()
  expect(counts).toMatchObject({ drawn: 0, scrolled: 3, placed: 3 })
  scroll(7)
  expect(counts.scrolled).toBe(4)
  for (let at = 0; at < 8; at++) frame(0)
  expect(counts).toMatchObject({ drawn: 1, scrolled: 5, placed: 4 })
  scroll()
  expect(counts).toMatchObject({ scrolled: 6, placed: 5 })
})

test('the cursor stands still in a flood, and for a moment after it', () => {
  const { classes, frame } = openTerminal()
  frame(4_096)
  expect(classes.size).toBe(0)
  for (let at = 0; at < 60; at++) frame(500_000)
  expect(classes.size).toBe(1)
  for (let at = 0; at < 60; at++) frame(0)
  expect(classes.size).toBe(0)
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
