import { expect, test } from 'vitest'
import { escapeKeys } from './escape-keys.ts'

function type(...pieces: string[]) {
  const actions: string[] = []
  const keys = escapeKeys('~', (action) => actions.push(action))
  const passed = pieces.map((piece) => keys.take(Buffer.from(piece)).toString()).join('')
  return { passed, actions }
}

test.each([
  [['~.'], '', ['detach']],
  [['ls\r', '~', '.'], 'ls\r', ['detach']],
  [['ls ~.\r'], 'ls ~.\r', []],
  [['\r~~.'], '\r~.', []],
  [['\r~/bin\r'], '\r~/bin\r', []],
  [['~?~.'], '', ['help', 'detach']],
  [['é\r~', 'é'], 'é\r~é', []],
])('%j passes %j on and does %j', (pieces, passed, actions) => {
  expect(type(...pieces)).toEqual({ passed, actions })
})

test('without a character everything is passed on', () => {
  const keys = escapeKeys('', () => expect.unreachable())
  expect(keys.take(Buffer.from('\r~.')).toString()).toBe('\r~.')
})
