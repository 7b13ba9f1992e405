// Copies bytes between two sockets in both directions, with backpressure and half-closes.

import type { Socket } from 'node:net'

/** Takes ownership of both sockets: each is closed when the other one is. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const socket of [one, other]) socket.allowHalfOpen = true
  copy(one, other)
  copy(other, one)
}

function copy(from: Socket, to: Socket): void {
  from.on('error', () => from.destroy())
  // A socket that was closed in an orderly manner leaves the other one to flush its data.
  from.on('close', () => {
    if (!from.readableEnded || !from.writableFinished) to.destroy()
  })
  if (from.destroyed) to.destroy()
  else from.pipe(to)
}
