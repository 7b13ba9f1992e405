// Host names in HTTP headers.

/** The lower-case host name or address of a Host header, an IPv6 address with its brackets; null if it is invalid. */
export function parseHostName(host: string | undefined): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[^:/?#@\s]+)(?::\d{1,5})?$/i.exec(host ?? '')
  return match?.[1]?.toLowerCase() ?? null
}
