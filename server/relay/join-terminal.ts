// Connects a terminal's WebSocket to an agent's stream: WebSocket messages on one side, length-prefixed messages on the
// other. Copies without decoding, with backpressure in both directions.

import type { ClientHttp2Stream } from 'node:http2'
import type { WebSocket } from 'ws'
import { maxMessageBytes, terminalCloseCodes } from '../../api/agents/agent-protocol.ts'
import { messageReader, prefixed } from '../../lib/length-prefixed.ts'
import { hasEndedCleanly } from './open-stream.ts'

// Queued output delays the reaction to Ctrl-C, so it is small. Queued input is mostly pasted text, so it may be larger.
const maxQueuedOutputBytes = 128 * 1024
const maxQueuedInputBytes = 1024 * 1024

// Detects silently disconnected clients, which would otherwise block the output of their terminals.
const pingEveryMs = 15_000

/** Copies until either side ends, and closes the other. */
export function joinTerminal(socket: WebSocket, stream: ClientHttp2Stream): void {
  copyOutput(stream, socket)
  copyInput(socket, stream)
  keepAlive(socket)
  socket.on('close', () => stream.destroy())
}

function copyOutput(stream: ClientHttp2Stream, socket: WebSocket): void {
  const resumeWhenDrained = () => {
    if (socket.bufferedAmount <= maxQueuedOutputBytes / 2) stream.resume()
  }
  const read = messageReader(maxMessageBytes, (message) => {
    socket.send(message, { binary: true }, resumeWhenDrained)
  })
  let hasEnded = false
  stream.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      // The message exceeds the limit.
      stream.destroy()
    }
    if (socket.bufferedAmount > maxQueuedOutputBytes) stream.pause()
  })
  stream.on('end', () => {
    hasEnded = hasEndedCleanly(stream)
    stream.end()
  })
  stream.on('close', () => {
    if (hasEnded) socket.close(1000)
    else socket.close(terminalCloseCodes.agentLost, 'The connection to the agent was lost.')
    // A paused socket would not receive the response to its close frame.
    socket.resume()
  })
}

function copyInput(socket: WebSocket, stream: ClientHttp2Stream): void {
  socket.on('message', (message: Buffer) => {
    if (!stream.writable) return
    stream.write(prefixed(message))
    if (stream.writableLength > maxQueuedInputBytes && !socket.isPaused) {
      socket.pause()
      stream.once('drain', () => socket.resume())
    }
  })
}

/** Terminates the socket after two unanswered pings. */
function keepAlive(socket: WebSocket): void {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered >= 2) {
      socket.terminate()
      return
    }
    unanswered++
    socket.ping()
  }, pingEveryMs)
  socket.on('pong', () => {
    unanswered = 0
  })
  socket.on('close', () => clearInterval(timer))
}
