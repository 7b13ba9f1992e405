import { expect, test } from 'vitest'
import { createEscapeKeyFilter } from './escape-keys.ts'

/** The passed input and the actions, in order; consecutive input is joined. */
function type(...pieces: string[]): string[] {
  const passed: Buffer[] = []
  const events: string[] = []
  const flush = () => {
    const text = Buffer.concat(passed.splice(0)).toString()
    if (text) events.push(text)
  }
  const take = createEscapeKeyFilter('~', {
    pass: (bytes) => void passed.push(bytes),
    act(action) {
      flush()
      events.push(`<${action}>`)
    },
  })
  for (const piece of pieces) take(Buffer.from(piece))
  flush()
  return events
}

test.each([
  [['~.'], ['<detach>']],
  [
    ['ls\r', '~', '.'],
    ['ls\r', '<detach>'],
  ],
  [['ls\r~.'], ['ls\r', '<detach>']],
  [['ls ~.\r'], ['ls ~.\r']],
  [['\r~~.'], ['\r~.']],
  [['\r~/bin\r'], ['\r~/bin\r']],
  [['~?~.'], ['<help>', '<detach>']],
  [['é\r~', 'é'], ['é\r~é']],
])('%j results in %j', (pieces, events) => {
  expect(type(...pieces)).toEqual(events)
})

test('without an escape character all input passes', () => {
  const passed: string[] = []
  createEscapeKeyFilter('', { pass: (bytes) => void passed.push(String(bytes)), act: () => expect.unreachable() })(
    Buffer.from('\r~.'),
  )
  expect(passed).toEqual(['\r~.'])
})
