import { expect, test } from 'vitest'
import { createEscapeKeyFilter } from './escape-keys.ts'

/** What comes of it, in order; what is passed on without a break is one. */
function type(...pieces: string[]): string[] {
  const came: Buffer[] = []
  const taken: string[] = []
  const passAll = () => {
    const text = Buffer.concat(came.splice(0)).toString()
    if (text) taken.push(text)
  }
  const take = createEscapeKeyFilter('~', {
    pass: (bytes) => void came.push(bytes),
    act(action) {
      passAll()
      taken.push(`<${action}>`)
    },
  })
  for (const piece of pieces) take(Buffer.from(piece))
  passAll()
  return taken
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
])('%j makes %j', (pieces, made) => {
  expect(type(...pieces)).toEqual(made)
})

test('without a character everything is passed on', () => {
  const passed: string[] = []
  createEscapeKeyFilter('', { pass: (bytes) => void passed.push(String(bytes)), act: () => expect.unreachable() })(
    Buffer.from('\r~.'),
  )
  expect(passed).toEqual(['\r~.'])
})
