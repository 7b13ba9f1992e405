// Raw sockets to UDP ports. Each has a UDP socket of its own, so that answers reach the client that asked.

import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6, type Socket } from 'node:net'
import { datagramReader, writeDatagram } from '../../lib/datagrams.ts'

/** @returns serves a raw socket. @throws Error if the host does not exist */
export async function prepareDatagrams(host: string, port: number): Promise<(socket: Socket) => void> {
  const udp = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    udp.connect(port, host)
    await once(udp, 'connect')
  } catch (error) {
    udp.close()
    throw error
  }
  return (socket) => joinDatagrams(socket, udp)
}

function joinDatagrams(socket: Socket, udp: UdpSocket): void {
  // Nothing listens at the port, perhaps only now.
  udp.on('error', () => undefined)
  udp.on('message', (payload) => writeDatagram(socket, payload))
  const read = datagramReader((payload) => udp.send(payload))
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      socket.destroy()
    }
  })
  socket.on('end', () => socket.end())
  socket.on('close', () => udp.close())
}
