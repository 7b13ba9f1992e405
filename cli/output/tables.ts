// How the command line writes tables, times and answers. stdout is for what was asked for, stderr for the rest.

import type { ColumnName, ListName } from './column-names.ts'
import { note, print, printJson } from './print.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

/** What each column of a list says of a row. */
export type Cells<Row, List extends ListName> = CellsOf<Row, ColumnName<List>>
type CellsOf<Row, Name extends string> = Readonly<Record<Name, (row: Row) => string>>

/** Upper-case titles, columns two spaces apart, nothing after the last one. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title.toUpperCase()),
    ...rows.map((row) => columns.map(({ value }) => value(row).replace(/\s*\n\s*/g, ' '))),
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

/** Those that are asked for, in that order. */
export const chooseColumns = <Row, Name extends string>(
  cells: CellsOf<Row, Name>,
  wanted: readonly NoInfer<Name>[],
): Column<Row>[] => wanted.map((title) => ({ title, value: cells[title] }))

export interface ListOptions<List extends ListName> {
  readonly output: string
  readonly column: readonly ColumnName<List>[]
}

/** What every command that lists does with its rows: a table of the chosen columns, or the answer as JSON.
 *  @param whenEmpty told on stderr instead of a table without rows. */
export function printList<Row, Name extends string>(
  cells: CellsOf<Row, Name>,
  rows: readonly Row[],
  options: { readonly output: string; readonly column: readonly NoInfer<Name>[] },
  { json = rows, whenEmpty }: { json?: unknown; whenEmpty: string },
): void {
  if (options.output === 'json') printJson(json)
  else if (rows.length === 0) note(whenEmpty)
  else {
    // None are named where somebody writes `--column ''`: then all are meant.
    const names = options.column.length > 0 ? options.column : (Object.keys(cells) as Name[])
    print(formatTable(chooseColumns(cells, names), rows))
  }
}

/** In the order of a column's text, as Coder's command line has its tables. */
export const sortedBy = <Row>(rows: readonly Row[], text: (row: Row) => string): Row[] =>
  rows.toSorted((one, other) => (text(one) < text(other) ? -1 : 1))
