// Listens on the local ports of forwards, all or none.

import { CommandError } from '../output/errors.ts'
import type { Forward } from './forward.ts'
import { listenTcp } from './listen-tcp.ts'
import { listenUdp } from './listen-udp.ts'

interface Listener {
  close(): unknown
}

const listen = { tcp: listenTcp, udp: listenUdp }

/** @returns the listeners. @throws CommandError naming the port that is not available */
export async function openForwards(forwards: readonly Forward[]): Promise<Listener[]> {
  const listeners: Listener[] = []
  try {
    for (const forward of forwards) listeners.push(...(await openForward(forward)))
    return listeners
  } catch (error) {
    for (const listener of listeners) listener.close()
    throw error
  }
}

async function openForward(forward: Forward): Promise<Listener[]> {
  const { protocol, localHost } = forward
  if (localHost !== undefined) return [await open(forward, localHost)]
  const ipv4 = await open(forward, '127.0.0.1')
  // Optional: a computer may have no IPv6, and another program may use its port.
  const ipv6 = await listen[protocol]('::1', forward).catch(() => undefined)
  return ipv6 ? [ipv4, ipv6] : [ipv4]
}

const open = (forward: Forward, host: string): Promise<Listener> =>
  listen[forward.protocol](host, forward).catch((error: Error) => {
    const { protocol, localPort } = forward
    throw new CommandError(`Could not listen on ${protocol.toUpperCase()} port ${localPort} of ${host}.`, {
      detail: error.message,
      hint: 'choose another local port, as in 9000:80.',
    })
  })
