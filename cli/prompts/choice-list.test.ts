import { expect, test } from 'vitest'
import { type Choice, type ChoiceList, chosen, draw, openList, openTicks, press } from './choice-list.ts'

const choices: Choice[] = ['owner', 'auditor', 'user-admin'].map((value) => ({ value, label: value }))
const keys: Readonly<Record<string, { name?: string; sequence?: string; ctrl?: boolean }>> = {
  '↑': { name: 'up', sequence: '\x1b[A' },
  '↓': { name: 'down', sequence: '\x1b[B' },
  '→': { name: 'right', sequence: '\x1b[C' },
  '←': { name: 'left', sequence: '\x1b[D' },
  ' ': { name: 'space', sequence: ' ' },
  '⌫': { name: 'backspace', sequence: '\x7f' },
}
const typed = (list: ChoiceList, text: string) =>
  [...text].reduce(
    (now, key) => press(now, { ctrl: false, meta: false, shift: false, sequence: key, ...keys[key] }),
    list,
  )

test.each([
  ['', 'owner'],
  ['↓', 'auditor'],
  ['↓↓↓', 'owner'],
  ['↑', 'user-admin'],
  ['adm', 'user-admin'],
  ['adm⌫⌫⌫', 'owner'],
  ['→ ←', undefined],
  ['xyz', undefined],
])('by "%s" is %s chosen', (text, value) => {
  expect(chosen(typed(openList(choices), text))[0]).toBe(value)
})

test('what is chosen by default is pointed at', () => {
  expect(chosen(openList(choices, 'auditor'))).toEqual(['auditor'])
})

test.each([
  ['', ['auditor']],
  [' ', ['owner', 'auditor']],
  ['↓ ', []],
  ['→', ['owner', 'auditor', 'user-admin']],
  ['→← ', ['owner']],
  ['user ', ['auditor', 'user-admin']],
])('by "%s" are %j ticked', (text, values) => {
  expect(chosen(typed(openTicks(choices, ['auditor']), text))).toEqual(values)
})

test('as many lines are drawn as are seen at once, around the pointer, and none wraps', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({
    value: `${index}`,
    label: `number ${index}`,
    description: 'x'.repeat(90),
  }))
  const lines = draw('Which', openList(many, '17'), 40)
  expect(lines).toHaveLength(11)
  expect(lines.filter((line) => line.startsWith('> '))).toEqual([expect.stringMatching(/^> number 17 {2}x+…$/)])
  expect(Math.max(...lines.map((line) => line.length))).toBe(39)
  expect(draw('Which', typed(openList(many), 'zz'), 80)).toEqual(['? Which: zz', '  nothing has "zz" in it'])
})
