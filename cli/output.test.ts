import { expect, test } from 'vitest'
import { chooseColumns, formatDuration, formatTable } from './output.ts'

const columns = [
  { title: 'workspace', value: (row: { name: string; status: string }) => row.name },
  { title: 'status', value: (row: { name: string; status: string }) => row.status },
]

test('a table has upper-case titles, aligned columns and no space at the end of a line', () => {
  const table = formatTable(columns, [
    { name: 'dev/brave-otter', status: 'Running' },
    { name: 'dev/a', status: '' },
  ])
  expect(table.split('\n')).toEqual(['WORKSPACE        STATUS', 'dev/brave-otter  Running', 'dev/a'])
})

test('columns are chosen by name, in the order asked for', () => {
  expect(chooseColumns(columns, 'Status, workspace').map(({ title }) => title)).toEqual(['status', 'workspace'])
  expect(chooseColumns([...columns, { title: 'extra', value: String, isExtra: true }], undefined)).toEqual(columns)
  expect(() => chooseColumns(columns, 'colour')).toThrow(
    expect.objectContaining({ message: 'There is no column "colour".', detail: 'Columns: workspace, status' }),
  )
})

test.each([
  [0.4, '0ms'],
  [840, '840ms'],
  [3240, '3.2s'],
  [252_000, '4m12s'],
  [7_500_000, '2h5m'],
  [273_600_000, '3d4h'],
])('%d ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
