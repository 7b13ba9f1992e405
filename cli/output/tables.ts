// Prints lists as tables with selectable columns, or as JSON.

import { escapeControlCharacters } from '../../lib/control-characters.ts'
import type { ColumnName, ListName } from './column-names.ts'
import { note, print, printJson } from './print.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

/** The text of each column of a list, as a function of the row. */
export type ColumnValues<Row, List extends ListName> = ValuesByColumn<Row, ColumnName<List>>
type ValuesByColumn<Row, Name extends string> = Readonly<Record<Name, (row: Row) => string>>

/** Upper-case titles, columns separated by two spaces, no trailing spaces. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title.toUpperCase()),
    ...rows.map((row) => columns.map(({ value }) => toCell(value(row)))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)))
  return cells
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Values from workspaces and templates must not control the user's terminal. */
const toCell = (value: string) => escapeControlCharacters(value.replace(/\s*\n\s*/g, ' '))

/** The named columns, in the given order. */
export const selectColumns = <Row, Name extends string>(
  cells: ValuesByColumn<Row, Name>,
  wanted: readonly NoInfer<Name>[],
): Column<Row>[] => wanted.map((title) => ({ title, value: cells[title] }))

export interface ListOptions<List extends ListName> {
  readonly output: string
  readonly column: readonly ColumnName<List>[]
}

/** Prints the rows as a table of the selected columns, or as JSON.
 *  @param whenEmpty printed on stderr instead of an empty table */
export function printList<Row, Name extends string>(
  cells: ValuesByColumn<Row, Name>,
  rows: readonly Row[],
  options: { readonly output: string; readonly column: readonly NoInfer<Name>[] },
  { json = rows, whenEmpty }: { json?: unknown; whenEmpty: string },
): void {
  if (options.output === 'json') printJson(json)
  else if (rows.length === 0) note(whenEmpty)
  else {
    // `--column ''` selects all columns.
    const names = options.column.length > 0 ? options.column : (Object.keys(cells) as Name[])
    print(formatTable(selectColumns(cells, names), rows))
  }
}

/** Sorted by a column's text, like the tables of Coder's command line. */
export const sortedBy = <Row>(rows: readonly Row[], text: (row: Row) => string): Row[] =>
  rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
