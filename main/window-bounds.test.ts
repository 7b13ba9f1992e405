import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readWindowBounds, selectVisibleBounds, writeWindowBounds } from './window-bounds.ts'

const bounds = { x: 100, y: 50, width: 1280, height: 800, isMaximized: false }
const laptop = { x: 0, y: 0, width: 1440, height: 900 }
const right = { x: 1440, y: 0, width: 1920, height: 1080 }

test('stored bounds are read back unchanged', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'window-')), 'new', 'window.json')
  writeWindowBounds(file, bounds)
  expect(readWindowBounds(file)).toEqual(bounds)
})

test('a missing or damaged file yields no bounds', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'window-')), 'window.json')
  expect(readWindowBounds(file)).toBeNull()
  writeFileSync(file, '{"x":"left"}')
  expect(readWindowBounds(file)).toBeNull()
})

test('stored bounds apply only if the title bar is reachable on a display', () => {
  expect(selectVisibleBounds(bounds, [laptop])).toBe(bounds)
  const onTheRight = { ...bounds, x: 1500 }
  expect(selectVisibleBounds(onTheRight, [laptop, right])).toBe(onTheRight)
  expect(selectVisibleBounds(onTheRight, [laptop])).toBeNull()
  expect(selectVisibleBounds({ ...bounds, y: -300 }, [laptop])).toBeNull()
  expect(selectVisibleBounds({ ...bounds, width: 20 }, [laptop])).toBeNull()
  expect(selectVisibleBounds(null, [laptop])).toBeNull()
})
