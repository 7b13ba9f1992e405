// Transports of watch endpoints: server-sent events and WebSockets. Owns framing, pings, the limit of unread data and
// the end of the stream; the caller supplies the events as JSON text.

import type { FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'
import { replySent } from './serve.ts'

/** `data` is JSON. A buffer that is sent to many streams is framed once for all of them. */
export type Send = (type: 'data' | 'error', data: string | Buffer) => void

/** Starts sending events; called after the first ping. @returns a function that stops it. */
export type StartStream = (send: Send) => () => void

// Coder's interval. Proxies and clients close a silent stream after some multiple of it.
export const watchPingIntervalMs = 15_000

// A reader this far behind is disconnected; when it reconnects, it receives the current state.
const maxUnreadBytes = 4 * 1024 * 1024

type Frame = (type: 'data' | 'error', data: string | Buffer) => string

const toServerSentEvent: Frame = (type, data) => `event: ${type}\ndata: ${data}\n\n`
const toWebSocketMessage: Frame = (type, data) => `{"type":"${type}","data":${data}}`

/** Framed form of recently sent buffers. */
const framed = new Map<Frame, WeakMap<Buffer, Buffer>>([
  [toServerSentEvent, new WeakMap()],
  [toWebSocketMessage, new WeakMap()],
])

function frameOnce(frame: Frame, type: 'data' | 'error', data: string | Buffer): Buffer {
  if (typeof data === 'string') return Buffer.from(frame(type, data))
  const cached = framed.get(frame) as WeakMap<Buffer, Buffer>
  const bytes = cached.get(data) ?? Buffer.from(frame(type, data))
  cached.set(data, bytes)
  return bytes
}

export function streamServerSentEvents(reply: FastifyReply, start: StartStream): typeof replySent {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
    // Disables response buffering in nginx and compatible proxies.
    'x-accel-buffering': 'no',
  })
  if (reply.request.method === 'HEAD') {
    raw.end()
    return replySent
  }
  const ping = () => raw.write('event: ping\n\n')
  ping()
  const pings = setInterval(ping, watchPingIntervalMs)
  const stop = start((type, data) => {
    if (raw.writableLength > maxUnreadBytes) raw.destroy()
    else raw.write(frameOnce(toServerSentEvent, type, data))
  })
  raw.on('close', () => {
    clearInterval(pings)
    stop()
  })
  return replySent
}

/** Any message from the client ends the stream, which is Coder's behavior. */
export function streamOverWebSocket(socket: WebSocket, start: StartStream): void {
  const sendText = (text: string | Buffer) => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > maxUnreadBytes) socket.terminate()
    else socket.send(text, { binary: false })
  }
  const ping = () => sendText('{"type":"ping","data":null}')
  ping()
  const pings = setInterval(() => {
    ping()
    socket.ping()
  }, watchPingIntervalMs)
  const stop = start((type, data) => sendText(frameOnce(toWebSocketMessage, type, data)))
  socket.on('message', () => socket.close(1000))
  socket.on('close', () => {
    clearInterval(pings)
    stop()
  })
}
