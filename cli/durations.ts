// Durations as Coder's command line reads and writes them: Go's notation, numbers with units one after the other.

import { CommandError } from './errors.ts'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const notation = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/

/** `8h`, `1h30m`, `90s`, `7d`, `0`: in milliseconds. @param flag what to blame. @throws CommandError */
export function parseDuration(text: string, flag: string): number {
  if (text === '0') return 0
  if (!notation.test(text))
    throw new CommandError(`${flag} "${text}" is not a duration.`, { hint: 'write it as 8h, 1h30m, 90s or 7d.' })
  let ms = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    ms += Number(number) * (unitMs[unit ?? ''] ?? 0)
  return Math.round(ms)
}

/** `8h`, `1h30m`, `45s`; nothing for none. */
export function formatHours(ms: number | null | undefined): string {
  if (!ms) return ''
  const seconds = Math.floor(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const
  return parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : '')).join('') || `${ms}ms`
}
