// How the command line writes tables, times and answers. stdout is for what was asked for, stderr for the rest.

import { CommandError } from './errors.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  /** Shown only when asked for by name. */
  readonly isExtra?: boolean
}

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

/** The columns named in `wanted` (separated by commas, any case), in that order; without it those that are no extra.
 *  @throws CommandError naming the columns there are. */
export function chooseColumns<Row>(
  columns: readonly Column<Row>[],
  wanted: string | undefined,
): readonly Column<Row>[] {
  if (!wanted) return columns.filter(({ isExtra }) => !isExtra)
  return wanted.split(',').map((name) => {
    const column = columns.find(({ title }) => title === name.trim().toLowerCase().replaceAll('_', ' '))
    if (column) return column
    throw new CommandError(`There is no column "${name.trim()}".`, {
      detail: `Columns: ${columns.map(({ title }) => title).join(', ')}`,
    })
  })
}

export interface ListOptions {
  readonly output: string
  readonly column?: string
}

/** What every command that lists does with its rows: a table of the chosen columns, or the answer as JSON.
 *  @param whenEmpty told on stderr instead of a table without rows. */
export function printList<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: ListOptions,
  { json = rows, whenEmpty }: { json?: unknown; whenEmpty: string },
): void {
  const chosen = chooseColumns(columns, options.column)
  if (options.output === 'json') printJson(json)
  else if (rows.length === 0) note(whenEmpty)
  else print(formatTable(chosen, rows))
}

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

/** A time as it is, or nothing for one that was never set. */
export const formatTime = (timestamp: string | null | undefined): string =>
  !timestamp || timestamp.startsWith('0001-') ? '' : timestamp

/** `name=value name=value`. */
export const formatTags = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

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
