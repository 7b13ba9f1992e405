// How the command line writes tables, times and answers. stdout is for what was asked for, stderr for the rest.

import type { ColumnName, ListName } from './column-names.ts'

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

/** `840ms`, `3.2s`, `4m12s`, `2h5m`, `3d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${seconds % 60}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h${minutes % 60}m`
  const hours = Math.floor(minutes / 60)
  return `${Math.floor(hours / 24)}d${hours % 24}h`
}

/** `3d4h ago`, `in 2h5m`, or nothing for a time that was never set. */
export function formatDistance(timestamp: string | null | undefined): string {
  if (!timestamp || timestamp.startsWith('0001-')) return ''
  const ms = Date.now() - Date.parse(timestamp)
  return ms < 0 ? `in ${formatDuration(-ms)}` : `${formatDuration(ms)} ago`
}

/** A time to the second, as scripts compare it, or nothing for one that was never set. */
export const formatTime = (timestamp: string | null | undefined): string =>
  !timestamp || timestamp.startsWith('0001-') ? '' : `${new Date(timestamp).toISOString().slice(0, 19)}Z`

/** `November 25, 2026`, of the day in UTC. */
export const formatDate = (timestamp: string): string =>
  new Date(timestamp).toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' })

/** `map[name:value name:value]`, in the order of the names: as Coder's tables have it. */
export const formatTags = (tags: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(tags)
    .toSorted()
    .map((name) => `${name}:${tags[name]}`)
    .join(' ')}]`

export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Progress and remarks. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
