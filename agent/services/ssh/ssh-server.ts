// The SSH server of a workspace. Speaks SSH on sockets that reach it through coderd, which has authorized the client:
// every authentication method is accepted. Loaded with the first connection, to keep agents small.

import type { Socket } from 'node:net'
import ssh2, { type AuthContext } from 'ssh2'
import { servePortForwards } from './port-forwards.ts'
import { type SessionOptions, serveSession } from './session.ts'
import { rejectEmptyPackets } from './ssh2-internals.ts'

export interface SshServerOptions extends Omit<SessionOptions, 'agentSocket'> {
  /** The private key, in OpenSSH's format. */
  readonly hostKey: string
}

// Ends connections whose client vanished without closing them. Longer than most networks are down.
const keepaliveIntervalMs = 30_000
const maxUnansweredKeepalives = 20

// AES in GCM mode is several times as fast as the other ciphers; clients choose by their own order.
const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const

export interface SshServer {
  /** Serves SSH on a connected socket. */
  accept(socket: Socket): void
}

export function createSshServer({ hostKey, ...options }: SshServerOptions): SshServer {
  const server = new ssh2.Server(
    {
      hostKeys: [hostKey],
      ident: 'CoderLocal',
      keepaliveInterval: keepaliveIntervalMs,
      keepaliveCountMax: maxUnansweredKeepalives,
      algorithms: { cipher: [...ciphers] },
    },
    (connection) => {
      const endConnection = options.counts.beginConnection()
      const sessionOptions = { ...options, agentSocket: {} }
      rejectEmptyPackets(connection)
      connection.on('authentication', acceptAuthentication)
      connection.on('session', (accept) => serveSession(connection, accept(), sessionOptions))
      servePortForwards(connection)
      // `close` follows.
      connection.on('error', () => undefined)
      connection.on('close', endConnection)
    },
  )
  return {
    accept(socket) {
      socket.setNoDelay(true)
      server.injectSocket(socket)
    },
  }
}

const acceptAuthentication = (context: AuthContext) => context.accept()
