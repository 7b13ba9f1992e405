// Durations in Go's format, with days as an additional unit.

const msPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** @returns undefined for an invalid duration */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(ms|[smhd]))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * msPerUnit[unit as keyof typeof msPerUnit],
    0,
  )
}

/** `10m` as `10m0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1000]
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}
