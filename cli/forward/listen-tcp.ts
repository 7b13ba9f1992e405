// Forwards connections to a local TCP port to a port of a workspace.

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { joinSockets } from '../../lib/join-sockets.ts'
import type { Forward } from './forward.ts'

export async function listenTcp(host: string, { localPort, remotePort, dialer, traffic }: Forward): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('close', traffic.begin())
    dialer.dial({ kind: 'tcp', port: remotePort }).then(
      (tunnel) => joinSockets(socket, tunnel),
      (error: unknown) => {
        traffic.report(error)
        // Like a refused connection: an orderly end would look like an empty answer.
        socket.resetAndDestroy()
      },
    )
  })
  server.listen(localPort, host)
  await once(server, 'listening')
  return server
}
