// Identifies the peer of a connection for limits and throttles.

import { isLoopbackAddress } from '../../lib/loopback.ts'

/** The unit that one party controls: a whole loopback network, an IPv4 address, the /64 network of an IPv6 address. */
export function peerOf(ip: string): string {
  if (isLoopbackAddress(ip)) return 'loopback'
  if (ip.startsWith('::ffff:')) return ip.slice('::ffff:'.length)
  return ip.includes(':') ? ip.split(':').slice(0, 4).join(':') : ip
}
