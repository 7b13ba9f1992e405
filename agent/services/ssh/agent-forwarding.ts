// Forwards a Unix socket in the workspace to the SSH agent of the client (`ssh -A`), one per connection.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'ssh2'
import { joinSocket } from './join-socket.ts'
import { openAgentChannel } from './ssh2-internals.ts'

/** Listens until the connection closes. @returns the path for SSH_AUTH_SOCK. The socket exists on return, because the
 *  client does not wait before it starts the command. */
export function forwardAgent(connection: Connection): string {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-'))
  const path = join(folder, `agent.${process.pid}`)
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    openAgentChannel(connection, (error, channel) => {
      if (error) {
        socket.destroy()
        return
      }
      joinSocket(channel, socket)
      socket.resume()
    })
  })
  server.on('error', () => server.close())
  server.listen(path)
  chmodSync(path, 0o600)
  connection.on('close', () => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return path
}
