// Forwarded ports and Unix sockets of one SSH connection, in both directions: -L, -D, -W and -R of ssh.

import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { AcceptConnection, Connection, RejectConnection, ServerChannel } from 'ssh2'
import { joinSocket } from './join-socket.ts'

type Open = (socket: Socket, onChannel: (error: Error | undefined, channel: ServerChannel) => void) => void

export function servePortForwards(connection: Connection): void {
  const listeners = new Map<string, Server>()

  connection.on('tcpip', (accept, reject, { destIP, destPort }) =>
    dial({ host: destIP, port: destPort }, accept, reject),
  )
  connection.on('openssh.streamlocal', (accept, reject, { socketPath }) => dial({ path: socketPath }, accept, reject))

  const requests: Readonly<Record<string, (info: never, accept: Accept, reject: () => void) => void>> = {
    'tcpip-forward': ({ bindAddr, bindPort }: TcpBind, accept, reject) => {
      const open: Open = (socket, onChannel) =>
        connection.forwardOut(bindAddr, boundPort, socket.remoteAddress ?? '', socket.remotePort ?? 0, onChannel)
      let boundPort = bindPort
      const server = listen({ port: bindPort, host: bindHost(bindAddr) }, open, reject, () => {
        const address = server.address()
        if (address && typeof address === 'object') boundPort = address.port
        listeners.set(tcpKey(bindAddr, boundPort), server)
        accept(boundPort)
      })
    },
    'cancel-tcpip-forward': ({ bindAddr, bindPort }: TcpBind, accept, reject) =>
      cancel(tcpKey(bindAddr, bindPort), accept, reject),
    'streamlocal-forward@openssh.com': ({ socketPath }: UnixBind, accept, reject) => {
      if (!prepareSocketPath(socketPath)) return reject()
      const open: Open = (_socket, onChannel) => connection.openssh_forwardOutStreamLocal(socketPath, onChannel)
      const server = listen({ path: socketPath }, open, reject, () => {
        listeners.set(socketPath, server)
        accept()
      })
    },
    'cancel-streamlocal-forward@openssh.com': ({ socketPath }: UnixBind, accept, reject) =>
      cancel(socketPath, accept, reject),
  }

  connection.on('request', (accept, reject, name, info) => {
    const [onAccept, onReject] = [accept ?? (() => undefined), reject ?? (() => undefined)]
    const serve = requests[name]
    if (serve) serve(info as never, onAccept, onReject)
    else onReject()
  })

  function cancel(key: string, accept: Accept, reject: () => void): void {
    const server = listeners.get(key)
    listeners.delete(key)
    server?.close()
    if (server) accept()
    else reject()
  }

  connection.on('close', () => {
    for (const server of listeners.values()) server.close()
    listeners.clear()
  })
}

type Accept = (port?: number) => void

interface TcpBind {
  readonly bindAddr: string
  readonly bindPort: number
}

interface UnixBind {
  readonly socketPath: string
}

/** Accepts the channel once the destination has accepted the connection. */
function dial(destination: NetConnectOpts, accept: AcceptConnection<ServerChannel>, reject: RejectConnection): void {
  const socket = connect({ ...destination, allowHalfOpen: true, noDelay: true })
  socket.once('error', reject)
  socket.once('connect', () => {
    socket.off('error', reject)
    // Undefined if the connection has ended in the meantime.
    const channel = accept() as ServerChannel | undefined
    if (channel) joinSocket(channel, socket)
    else socket.destroy()
  })
}

function listen(address: ListenOptions, open: Open, reject: () => void, onListening: () => void): Server {
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    open(socket, (error, channel) => {
      if (error) {
        socket.destroy()
        return
      }
      joinSocket(channel, socket)
      socket.resume()
    })
  })
  server.once('error', reject)
  server.listen({ ...address, readableAll: false, writableAll: false }, () => {
    server.off('error', reject)
    server.on('error', () => server.close())
    onListening()
  })
  return server
}

const tcpKey = (address: string, port: number) => `${address}:${port}`

/** The client's notation: empty and `*` for all addresses, `localhost` for loopback. */
const bindHost = (address: string) => (address === '' || address === '*' ? undefined : address)

/** Removes a socket left by an earlier connection. @returns false if the path is in use by a file */
function prepareSocketPath(path: string): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found && !found.isSocket()) return false
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}
