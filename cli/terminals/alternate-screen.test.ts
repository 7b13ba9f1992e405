import { expect, test } from 'vitest'
import { trackAlternateScreen } from './alternate-screen.ts'

test('the alternate screen is tracked across split escape sequences', () => {
  const screen = trackAlternateScreen()
  const isOnAfter = (output: string) => {
    screen.feed(Buffer.from(output))
    return screen.isOn
  }
  expect(isOnAfter('text \x1b[?25l')).toBe(false)
  expect(isOnAfter('\x1b[?104')).toBe(false)
  expect(isOnAfter('9h')).toBe(true)
  expect(isOnAfter('x')).toBe(true)
  expect(isOnAfter('\x1b[?1049l \x1b[?1047h')).toBe(true)
  expect(isOnAfter('\x1b[?1047l')).toBe(false)
  expect(isOnAfter('\x1bc')).toBe(false)
})
