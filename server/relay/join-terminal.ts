// Joins a terminal's WebSocket and an agent's stream: messages on one side, messages with a length on the other. Copies,
// slows down whoever is faster, and decodes nothing.

import type { ClientHttp2Stream } from 'node:http2'
import type { WebSocket } from 'ws'
import { maxMessageBytes, terminalCloseCodes } from '../../api/agents/agent-protocol.ts'
import { messageReader, prefixed } from '../../lib/length-prefixed.ts'
import { isWhole } from './open-stream.ts'

// What waits in a slow socket's queue is in front of Ctrl-C: little. What a person pastes waits for the agent: more.
const maxQueuedDownBytes = 128 * 1024
const maxQueuedUpBytes = 1024 * 1024

// A client whose machine went away without a word would hold its terminal's output back for ever.
const pingEveryMs = 15_000

/** Runs until either side ends, and closes the other. */
export function joinTerminal(socket: WebSocket, stream: ClientHttp2Stream): void {
  relayDown(stream, socket)
  relayUp(socket, stream)
  keepAlive(socket)
  socket.on('close', () => stream.destroy())
}

function relayDown(stream: ClientHttp2Stream, socket: WebSocket): void {
  const resumeWhenDrained = () => {
    if (socket.bufferedAmount <= maxQueuedDownBytes / 2) stream.resume()
  }
  const read = messageReader(maxMessageBytes, (message) => {
    socket.send(message, { binary: true }, resumeWhenDrained)
  })
  let isComplete = false
  stream.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      // Longer than any message of an agent.
      stream.destroy()
    }
    if (socket.bufferedAmount > maxQueuedDownBytes) stream.pause()
  })
  stream.on('end', () => {
    isComplete = isWhole(stream)
    stream.end()
  })
  stream.on('close', () => {
    if (isComplete) socket.close(1000)
    else socket.close(terminalCloseCodes.agentLost, 'The connection to the agent was lost.')
    // One that was slowed down hears no answer to its close.
    socket.resume()
  })
}

function relayUp(socket: WebSocket, stream: ClientHttp2Stream): void {
  socket.on('message', (message: Buffer) => {
    if (!stream.writable) return
    stream.write(prefixed(message))
    if (stream.writableLength > maxQueuedUpBytes && !socket.isPaused) {
      socket.pause()
      stream.once('drain', () => socket.resume())
    }
  })
}

/** Ends the socket when a ping was not answered by the time of the next but one. */
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
