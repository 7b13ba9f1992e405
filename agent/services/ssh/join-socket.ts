// Copies between a channel and a socket in both directions, with half-close and backpressure.

import type { Socket } from 'node:net'
import type { ServerChannel } from 'ssh2'

const nothing = Buffer.alloc(0)

/** @param socket allows half-open connections */
export function joinSocket(channel: ServerChannel, socket: Socket): void {
  socket.on('data', (bytes: Buffer) => {
    if (!channel.write(bytes)) socket.pause()
  })
  channel.on('drain', () => socket.resume())
  // `channel.end()` would close both directions.
  socket.on('end', () => channel.write(nothing, () => channel.eof()))
  channel.on('data', (bytes: Buffer) => {
    if (!socket.write(bytes)) channel.pause()
  })
  socket.on('drain', () => channel.resume())
  channel.on('end', () => socket.end())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    channel.close()
    channel.resume()
  })
  channel.on('close', () => socket.destroy())
}
