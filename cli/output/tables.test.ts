import { expect, test } from 'vitest'
import { formatTable, selectColumns } from './tables.ts'

const cells = {
  workspace: (row: { name: string; status: string }) => row.name,
  status: (row: { name: string; status: string }) => row.status,
}

test('a table has upper-case titles, aligned columns and no trailing spaces', () => {
  const table = formatTable(selectColumns(cells, ['workspace', 'status']), [
    { name: 'dev/brave-otter', status: 'Running' },
    { name: 'dev/a', status: '' },
  ])
  expect(table.split('\n')).toEqual(['WORKSPACE        STATUS', 'dev/brave-otter  Running', 'dev/a'])
})

test('columns are selected by name, in the given order', () => {
  expect(selectColumns(cells, ['status', 'workspace']).map(({ title }) => title)).toEqual(['status', 'workspace'])
})

test('control characters in a cell are escaped and do not reach the terminal', () => {
  const rows = [{ name: 'a\x1b[2J\x9b\u202e', status: 'one\n  two\tthree\r' }]
  expect(formatTable(selectColumns(cells, ['workspace', 'status']), rows).split('\n')[1]).toBe(
    'a\\x1b[2J\\x9b\\u202e  one two\\tthree\\r',
  )
})
