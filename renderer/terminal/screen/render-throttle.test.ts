import type { Terminal } from '@xterm/xterm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttleRendering } from './render-throttle.ts'

const frameMs = 16

let frames: (() => void)[] = []
let requested = 0
beforeEach(() => {
  vi.useFakeTimers()
  requested = 0
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => {
    frames.push(frame)
    return ++requested
  })
})
afterEach(() => {
  frames = []
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A stub of the xterm internals that the throttle replaces. */
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
  const countOutput = throttleRendering({ _core, element: { classList } } as unknown as Terminal)
  /** Writes this many bytes, then lets one frame pass. */
  const frame = (byteCount: number) => {
    countOutput(byteCount)
    if (byteCount > 0) debouncer.refresh()
    for (const run of frames.splice(0)) run()
    vi.advanceTimersByTime(frameMs)
  }
  /** Scrolls as a new line of output does, or to a line. */
  const scroll = (line?: number) => {
    viewport._sync(line)
    _core._syncTextArea()
  }
  return { counts, classes, selection, frame, scroll }
}

test('little output is drawn in every frame', () => {
  const { counts, frame } = openTerminal()
  for (let at = 0; at < 6; at++) frame(4_096)
  expect(counts.drawn).toBe(6)
})

test('a flood is drawn about fifteen times a second, requests no extra frames and still draws the last one', () => {
  const { counts, frame } = openTerminal()
  const seconds = 3
  for (let at = 0; at < (seconds * 1_000) / frameMs; at++) frame(500_000)
  expect(counts.drawn / seconds).toBeGreaterThan(10)
  expect(counts.drawn / seconds).toBeLessThan(16)
  expect(requested).toBeLessThanOrEqual(2 * counts.drawn + 2)
  const { drawn } = counts
  frame(500_000)
  for (let at = 0; at < 8; at++) frame(0)
  expect(counts.drawn).toBeGreaterThan(drawn)
  const last = counts.drawn
  frame(10)
  expect(counts.drawn).toBe(last + 1)
})

test('the scroll bar moves with each line, during a flood with each frame, and immediately when the user scrolls', () => {
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

test('the cursor does not blink during a flood and shortly after', () => {
  const { classes, frame } = openTerminal()
  frame(4_096)
  expect(classes.size).toBe(0)
  for (let at = 0; at < 60; at++) frame(500_000)
  expect(classes.size).toBe(1)
  for (let at = 0; at < 60; at++) frame(0)
  expect(classes.size).toBe(0)
})

test('a selection is refreshed while there is one, and once when it is cleared', () => {
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
