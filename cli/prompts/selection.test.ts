import { expect, test } from 'vitest'
import {
  type Choice,
  createMultiSelection,
  createSelection,
  handleKey,
  renderSelection,
  type Selection,
  selectedValues,
} from './selection.ts'

const choices: Choice[] = ['owner', 'auditor', 'user-admin'].map((value) => ({ value, label: value }))
const keys: Readonly<Record<string, { name?: string; sequence?: string; ctrl?: boolean }>> = {
  '↑': { name: 'up', sequence: '\x1b[A' },
  '↓': { name: 'down', sequence: '\x1b[B' },
  '→': { name: 'right', sequence: '\x1b[C' },
  '←': { name: 'left', sequence: '\x1b[D' },
  ' ': { name: 'space', sequence: ' ' },
  '⌫': { name: 'backspace', sequence: '\x7f' },
}
const typed = (list: Selection, text: string) =>
  [...text].reduce(
    (now, key) => handleKey(now, { ctrl: false, meta: false, shift: false, sequence: key, ...keys[key] }),
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
])('keys "%s" select %s', (text, value) => {
  expect(selectedValues(typed(createSelection(choices), text))[0]).toBe(value)
})

test('the cursor starts at the initial value', () => {
  expect(selectedValues(createSelection(choices, 'auditor'))).toEqual(['auditor'])
})

test.each([
  ['', ['auditor']],
  [' ', ['owner', 'auditor']],
  ['↓ ', []],
  ['→', ['owner', 'auditor', 'user-admin']],
  ['→← ', ['owner']],
  ['user ', ['auditor', 'user-admin']],
])('keys "%s" check %j', (text, values) => {
  expect(selectedValues(typed(createMultiSelection(choices, ['auditor']), text))).toEqual(values)
})

test('only the choices around the cursor are rendered, and no line wraps', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({
    value: `${index}`,
    label: `number ${index}`,
    description: 'x'.repeat(90),
  }))
  const lines = renderSelection('Which', createSelection(many, '17'), 40)
  expect(lines).toHaveLength(11)
  expect(lines.filter((line) => line.startsWith('> '))).toEqual([expect.stringMatching(/^> number 17 {2}x+…$/)])
  expect(Math.max(...lines.map((line) => line.length))).toBe(39)
  expect(renderSelection('Which', typed(createSelection(many), 'zz'), 80)).toEqual([
    '? Which: zz',
    '  No matches for "zz"',
  ])
})
