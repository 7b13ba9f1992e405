// Results of benchmarks: each figure with its limit, measured in the same run.

export interface Figure {
  readonly name: string
  readonly value: number
  /** Upper or lower limit; undefined for explanatory figures. */
  readonly limit?: number
  readonly isAtLeast?: boolean
  readonly unit: 'ms' | 's' | 'MB' | 'MB/s' | '/s' | '×'
  /** Derivation of the limit: `bare pty 0.07 + 0.3`. */
  readonly basis?: string
}

/** @param share 0 to 1 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5)

export const isMet = ({ value, limit, isAtLeast }: Figure): boolean =>
  limit === undefined || (isAtLeast ? value >= limit : value <= limit)

const headings = ['figure', 'value', 'limit', 'ratio', 'result', 'limit from']

/** One line per figure, in columns. */
export function toTable(figures: readonly Figure[]): string {
  const rows = [headings, ...figures.map(toRow)]
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const isNumber = (column: number) => column > 0 && column < 4
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    )
  return rows.map((row) => line(row).join('  ').trimEnd()).join('\n')
}

function toRow(figure: Figure): string[] {
  const { name, value, limit, isAtLeast, unit, basis = '' } = figure
  if (limit === undefined) return [name, `${format(value)} ${unit}`, '', '', '', basis]
  return [
    name,
    `${format(value)} ${unit}`,
    `${isAtLeast ? '≥' : '≤'} ${format(limit)} ${unit}`,
    format(value / limit),
    isMet(figure) ? 'met' : 'MISSED',
    basis,
  ]
}

/** Three significant digits. */
const format = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3)
