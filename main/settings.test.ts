import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { placeOnDisplays, readWindowPlace, writeWindowPlace } from './settings.ts'

const place = { x: 100, y: 50, width: 1280, height: 800, isMaximized: false }
const laptop = { x: 0, y: 0, width: 1440, height: 900 }
const right = { x: 1440, y: 0, width: 1920, height: 1080 }

test('stored bounds are read back unchanged', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'window-')), 'new', 'window.json')
  writeWindowPlace(file, place)
  expect(readWindowPlace(file)).toEqual(place)
})

test('a missing or damaged file yields no bounds', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'window-')), 'window.json')
  expect(readWindowPlace(file)).toBeNull()
  writeFileSync(file, '{"x":"left"}')
  expect(readWindowPlace(file)).toBeNull()
})

test('stored bounds apply only if the title bar is reachable on a display', () => {
  expect(placeOnDisplays(place, [laptop])).toBe(place)
  const onTheRight = { ...place, x: 1500 }
  expect(placeOnDisplays(onTheRight, [laptop, right])).toBe(onTheRight)
  expect(placeOnDisplays(onTheRight, [laptop])).toBeNull()
  expect(placeOnDisplays({ ...place, y: -300 }, [laptop])).toBeNull()
  expect(placeOnDisplays({ ...place, width: 20 }, [laptop])).toBeNull()
  expect(placeOnDisplays(null, [laptop])).toBeNull()
})
