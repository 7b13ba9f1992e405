// Access to parts of ssh2 that are not public, for its pinned version: agent forwarding as a server, and three defects of
// its flow control.

import type { Duplex } from 'node:stream'
import type { Connection, ServerChannel } from 'ssh2'

type OnChannel = (error: Error | undefined, channel: ServerChannel) => void

interface ConnectionInternals {
  readonly _chanMgr: { add(onOpen: OnChannel): number }
  readonly _protocol: {
    readonly _handlers: Record<string, (protocol: unknown, channel: { readonly packetSize: number }) => void>
    openssh_authAgent(channel: number, windowBytes: number, packetBytes: number): void
  }
  readonly _sock: Duplex
}

/** As for channels that ssh2 opens itself. */
const windowBytes = 2 * 1024 * 1024
const packetBytes = 32 * 1024

/** Opens a channel to the SSH agent of the client. */
export function openAgentChannel(connection: Connection, onOpen: OnChannel): void {
  const { _chanMgr, _protocol } = connection as unknown as ConnectionInternals
  const id = _chanMgr.add(Object.assign(onOpen.bind(undefined), { type: 'auth-agent@openssh.com' }))
  _protocol.openssh_authAgent(id, windowBytes, packetBytes)
}

/** The socket of a connection. */
export const socketOf = (connection: Connection): Duplex => (connection as unknown as ConnectionInternals)._sock

/** Call it after each completed write. ssh2 keeps the last chunk that waited for the window, and sends it again when a
 *  write to the other stream of the channel waits. */
export function forgetSentChunk(channel: ServerChannel): void {
  Object.assign(channel, { _chunk: undefined, _chunkcb: undefined, _chunkErr: undefined, _chunkcbErr: undefined })
}

/** Ends the connection when the client opens or accepts a channel whose packets would be empty: ssh2 would send them
 *  forever. */
export function rejectEmptyPackets(connection: Connection): void {
  const { _handlers: handlers } = (connection as unknown as ConnectionInternals)._protocol
  for (const message of ['CHANNEL_OPEN', 'CHANNEL_OPEN_CONFIRMATION']) {
    const handle = handlers[message]
    handlers[message] = (protocol, channel) => {
      if (channel.packetSize > 0) handle?.(protocol, channel)
      else socketOf(connection).destroy()
    }
  }
}
