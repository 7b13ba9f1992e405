// WebSocket server settings and closing, shared by coderd and the relay.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { maxMessageBytes } from '../../api/agents/agent-protocol.ts'

/** Without compression, with a limited message size. */
export const createWebSocketServer = () =>
  new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes })

/** Close code of a broken connection (RFC 6455, 7.4.1). */
export const abnormalCode = 1006

export interface ClosableSocket {
  once(event: 'close', listener: () => void): unknown
}

/** Completes or rejects the handshake. */
export function acceptWebSocket(
  webSockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onOpen: (webSocket: WebSocket) => void,
): void {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    // A protocol error has already closed the socket.
    webSocket.on('error', () => undefined)
    onOpen(webSocket)
  })
}

/** Timeout of the closing handshake. */
const closeTimeoutMs = 250

export function closeWithTimeout(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  setTimeout(() => socket.terminate(), closeTimeoutMs).unref()
}

/** Closes all WebSockets because coderd stops. */
export function closeWebSockets(webSockets: WebSocketServer): void {
  for (const client of webSockets.clients) closeWithTimeout(client, 1001, 'coderd is stopping')
}
