// Text forms of durations, times, dates and tags in tables and messages.

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

/** `3d4h ago`, `in 2h5m`; empty for an unset time. */
export function formatDistance(timestamp: string | null | undefined): string {
  if (!timestamp || timestamp.startsWith('0001-')) return ''
  const ms = Date.now() - Date.parse(timestamp)
  return ms < 0 ? `in ${formatDuration(-ms)}` : `${formatDuration(ms)} ago`
}

/** ISO 8601 in UTC, to the second; empty for an unset time. */
export const formatTime = (timestamp: string | null | undefined): string =>
  !timestamp || timestamp.startsWith('0001-') ? '' : `${new Date(timestamp).toISOString().slice(0, 19)}Z`

/** `November 25, 2026`, in UTC. */
export const formatDate = (timestamp: string): string =>
  new Date(timestamp).toLocaleDateString('en-US', { dateStyle: 'long', timeZone: 'UTC' })

/** `map[name:value name:value]`, sorted by name, like Coder's command line. */
export const formatTags = (tags: Readonly<Record<string, string>>): string =>
  `map[${Object.keys(tags)
    .toSorted()
    .map((name) => `${name}:${tags[name]}`)
    .join(' ')}]`
