// Identifies the peer of a connection for limits and throttles.

/** Whether an address is one of this machine's loopback addresses: 127.0.0.0/8 or ::1. */
export const isLoopback = (ip: string): boolean => ip === '::1' || /^(?:::ffff:)?127\./.test(ip)

/** The unit that one party controls: a whole loopback network, an IPv4 address, the /64 network of an IPv6 address. */
export function peerOf(ip: string): string {
  if (isLoopback(ip)) return 'loopback'
  if (ip.startsWith('::ffff:')) return ip.slice('::ffff:'.length)
  return ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip
}
