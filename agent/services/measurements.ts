// Counterparts of `coder ping` and `coder speedtest` on raw sockets.

import type { Socket } from 'node:net'
import type { MeasureMode } from '../../api/agents/agent-protocol.ts'

const zeros = Buffer.alloc(64 * 1024)

export const measurements: Readonly<Record<MeasureMode, (socket: Socket) => void>> = {
  echo: (socket) => void socket.pipe(socket),
  /** Answers with the number of received bytes, as text. */
  up(socket) {
    let received = 0
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length
    })
    socket.on('end', () => socket.end(String(received)))
  },
  down(socket) {
    const send = () => {
      while (!socket.destroyed && socket.writable && socket.write(zeros));
    }
    socket.on('drain', send)
    socket.on('end', () => socket.destroy())
    socket.resume()
    send()
  },
}
