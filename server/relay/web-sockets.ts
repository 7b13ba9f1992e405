// How WebSockets are spoken by coderd and its relay alike.

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { maxMessageBytes } from '../../api/agents/agent-protocol.ts'

/** Uncompressed, with bounded messages. */
export const openWebSockets = () =>
  new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes })

/** What a socket is said to have been closed with that just broke: RFC 6455, 7.4.1. */
export const abnormalCode = 1006

/** Something that lasts until it is closed. */
export interface LastingSocket {
  once(event: 'close', listener: () => void): unknown
}

/** Answers a request for one, or refuses it. */
export function acceptWebSocket(
  webSockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onOpen: (webSocket: WebSocket) => void,
): void {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    // What is no frame has closed it by then.
    webSocket.on('error', () => undefined)
    onOpen(webSocket)
  })
}

/** How long a client has to answer the closing handshake. */
const closeGraceMs = 250

export function closeFirmly(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  setTimeout(() => socket.terminate(), closeGraceMs).unref()
}

/** As coderd stops. */
export function closeAll(webSockets: WebSocketServer): void {
  for (const client of webSockets.clients) closeFirmly(client, 1001, 'coderd is stopping')
}
