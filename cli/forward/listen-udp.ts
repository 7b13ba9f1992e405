// Forwards datagrams to a local UDP port to a port of a workspace. Each sender has a tunnel of its own, which brings the
// answers.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6, type Socket } from 'node:net'
import { datagramReader, writeDatagram } from '../../lib/datagrams.ts'
import type { Forward } from './forward.ts'

/** Time without a datagram after which the tunnel of a sender is closed, as in most NAT routers. */
const idleMs = 60_000
/** Datagrams of a sender that wait for its tunnel; later ones are dropped. */
const maxWaiting = 64

interface Sender {
  waiting: Buffer[]
  tunnel: Socket | undefined
  readonly timer: NodeJS.Timeout
  end(): void
}

export async function listenUdp(host: string, { localPort, remotePort, dialer, traffic }: Forward): Promise<UdpSocket> {
  const udp = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: isIPv6(host) })
  const senders = new Map<string, Sender>()

  udp.on('message', (payload, remote) => {
    const sender = senders.get(keyOf(remote)) ?? addSender(remote)
    sender.timer.refresh()
    if (sender.tunnel) writeDatagram(sender.tunnel, payload)
    else if (sender.waiting.length < maxWaiting) sender.waiting.push(payload)
  })
  udp.on('close', () => {
    for (const sender of [...senders.values()]) sender.end()
  })
  udp.bind(localPort, host)
  await once(udp, 'listening')
  // An answer that could not be sent is lost, as in a network.
  udp.on('error', () => undefined)
  return udp

  function addSender(remote: RemoteInfo): Sender {
    const endTraffic = traffic.begin()
    const sender: Sender = {
      waiting: [],
      tunnel: undefined,
      timer: setTimeout(() => sender.end(), idleMs).unref(),
      end() {
        if (!senders.delete(keyOf(remote))) return
        clearTimeout(sender.timer)
        sender.tunnel?.destroy()
        endTraffic()
      },
    }
    senders.set(keyOf(remote), sender)
    dialer.dial({ kind: 'udp', port: remotePort }).then(
      (tunnel) => connect(sender, tunnel, remote),
      (error: unknown) => {
        traffic.report(error)
        sender.end()
      },
    )
    return sender
  }

  function connect(sender: Sender, tunnel: Socket, remote: RemoteInfo): void {
    if (senders.get(keyOf(remote)) !== sender) {
      tunnel.destroy()
      return
    }
    sender.tunnel = tunnel
    const read = datagramReader((payload) => {
      sender.timer.refresh()
      udp.send(payload, remote.port, remote.address)
    })
    tunnel.on('data', read)
    tunnel.on('error', () => tunnel.destroy())
    tunnel.on('end', () => tunnel.destroy())
    tunnel.on('close', () => sender.end())
    for (const payload of sender.waiting.splice(0)) writeDatagram(tunnel, payload)
  }
}

const keyOf = ({ address, port }: RemoteInfo) => `${address} ${port}`
