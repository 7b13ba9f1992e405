// How the command line writes tables, durations and questions. stdout is for what was asked for, stderr for the rest.

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
}

/** Upper-case titles, columns two spaces apart, nothing after the last one. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title.toUpperCase()),
    ...rows.map((row) => columns.map(({ value }) => value(row))),
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

/** The columns named in `wanted` (separated by commas, any case), in that order; all when nothing is wanted. */
export function chooseColumns<Row>(
  columns: readonly Column<Row>[],
  wanted: string | undefined,
): readonly Column<Row>[] {
  if (!wanted) return columns
  return wanted.split(',').map((name) => {
    const column = columns.find(({ title }) => title === name.trim().toLowerCase())
    if (column) return column
    throw new Error(`There is no column "${name.trim()}". Columns: ${columns.map(({ title }) => title).join(', ')}.`)
  })
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

export const formatAge = (timestamp: string): string => formatDuration(Date.now() - Date.parse(timestamp))

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
