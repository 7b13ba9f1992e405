// X11 forwarding (`ssh -X`): a local display whose connections are forwarded to the client's X server.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection, X11Info } from 'ssh2'
import { joinSocket } from './join-socket.ts'

/** As in sshd: lower displays are usually local. */
const firstDisplay = 10
const lastDisplay = 1_000
const firstPort = 6_000

/** Listens until the connection closes. @returns the variables of X clients; none if no display is free. The authority
 *  file is private to the connection, so that it needs no lock and no `xauth`. */
export async function forwardX11(connection: Connection, info: X11Info): Promise<Record<string, string>> {
  const { server, display } = await listenOnFreeDisplay((socket) => {
    if (info.single) server?.close()
    socket.on('error', () => socket.destroy())
    connection.x11(socket.remoteAddress ?? '', socket.remotePort ?? 0, (error, channel) => {
      if (error) {
        socket.destroy()
        return
      }
      joinSocket(channel, socket)
      socket.resume()
    })
  })
  if (!server) return {}
  const folder = mkdtempSync(join(tmpdir(), 'ssh-x11-'))
  const authority = join(folder, 'Xauthority')
  writeFileSync(authority, authorityEntry(display, info), { mode: 0o600 })
  connection.on('close', () => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { DISPLAY: `localhost:${display}.${info.screen}`, XAUTHORITY: authority }
}

async function listenOnFreeDisplay(
  onSocket: (socket: Socket) => void,
): Promise<{ server: Server | undefined; display: number }> {
  for (let display = firstDisplay; display < lastDisplay; display++) {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, onSocket)
    const isListening = await new Promise<boolean>((resolve) => {
      server.on('error', () => resolve(false))
      server.listen(firstPort + display, '127.0.0.1', () => resolve(true))
    })
    if (isListening) return { server, display }
  }
  return { server: undefined, display: 0 }
}

// The family that matches any address, because X clients look up `localhost` in several ways.
const anyFamily = 0xffff

/** An entry of an Xauthority file. */
function authorityEntry(display: number, { protocol, cookie }: X11Info): Buffer {
  const fields = ['', String(display), protocol].map((text) => Buffer.from(text))
  const data = Buffer.from(String(cookie), 'hex')
  return Buffer.concat([uint16(anyFamily), ...[...fields, data].flatMap((field) => [uint16(field.length), field])])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
