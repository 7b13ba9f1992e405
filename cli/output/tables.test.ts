import { expect, test } from 'vitest'
import { chooseColumns, formatTable } from './tables.ts'

const cells = {
  workspace: (row: { name: string; status: string }) => row.name,
  status: (row: { name: string; status: string }) => row.status,
}

test('a table has upper-case titles, aligned columns and no space at the end of a line', () => {
  const table = formatTable(chooseColumns(cells, ['workspace', 'status']), [
    { name: 'dev/brave-otter', status: 'Running' },
    { name: 'dev/a', status: '' },
  ])
  expect(table.split('\n')).toEqual(['WORKSPACE        STATUS', 'dev/brave-otter  Running', 'dev/a'])
})

test('columns are chosen by name, in the order asked for', () => {
  expect(chooseColumns(cells, ['status', 'workspace']).map(({ title }) => title)).toEqual(['status', 'workspace'])
})
