// Parses and formats durations in Go's notation (`1h30m`), like Coder's command line.

import { CommandError } from '../output/errors.ts'

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  y: 365 * 86_400_000,
}

const notation = /^(?:\d+(?:\.\d+)?(?:ms|[smhdy]))+$/

/** Milliseconds of `8h`, `1h30m`, `90s`, `7d`, `1y` (365 days) or `0`.
 *  @param flag named in the error. @throws CommandError */
export function parseDuration(text: string, flag: string): number {
  if (text === '0') return 0
  if (!notation.test(text))
    throw new CommandError(`${flag} "${text}" is not a duration.`, {
      hint: 'use a duration such as 8h, 1h30m, 90s or 7d.',
    })
  let ms = 0
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdy])/g))
    ms += Number(number) * (unitMs[unit ?? ''] ?? 0)
  return Math.round(ms)
}

/** A duration, or a number of minutes. */
export const parseMinutes = (text: string, flag: string): number =>
  parseDuration(/^\d+$/.test(text) ? `${text}m` : text, flag)

/** For table columns: `<1m`, `45m`, `3h25m`, `8h`, `2d3h`. */
export function formatCoarseDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  const parts =
    days > 0 ? [`${days}d`, hours > 0 ? `${hours}h` : ''] : [hours > 0 ? `${hours}h` : '', rest > 0 ? `${rest}m` : '']
  return parts.join('') || '<1m'
}

/** Go's notation: `26h30m0s`, `45s`, `0s`. */
export function formatGoDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return `${hours}h${minutes}m${seconds % 60}s`
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`
}
