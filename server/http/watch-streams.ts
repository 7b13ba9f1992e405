// Watching something: what is sent over server-sent events or a WebSocket is the caller's, as JSON text; the pings
// between are here, and so is the end.

import type { FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'

/** What a stream carries. `data` is JSON; a buffer that goes to many streams is wrapped once for all of them. */
export type Send = (type: 'data' | 'error', data: string | Buffer) => void

/** Begins to send; the first ping has gone out. @returns ends it. */
export type Begin = (send: Send) => () => void

// Coder's figure; proxies and clients give a silent stream up after some multiple of it.
const pingEveryMs = 15_000

// A reader that is this far behind is let go: it comes back, and is shown how things are by then.
const maxUnreadBytes = 4 * 1024 * 1024

type Wrap = (type: 'data' | 'error', data: string | Buffer) => string

const asEvent: Wrap = (type, data) => `event: ${type}\ndata: ${data}\n\n`
const asFrame: Wrap = (type, data) => `{"type":"${type}","data":${data}}`

/** Of each buffer that was sent lately, as it goes over the wire. */
const wrapped = new Map<Wrap, WeakMap<Buffer, Buffer>>([
  [asEvent, new WeakMap()],
  [asFrame, new WeakMap()],
])

function wrapOnce(wrap: Wrap, type: 'data' | 'error', data: string | Buffer): Buffer {
  if (typeof data === 'string') return Buffer.from(wrap(type, data))
  const known = wrapped.get(wrap) as WeakMap<Buffer, Buffer>
  const bytes = known.get(data) ?? Buffer.from(wrap(type, data))
  known.set(data, bytes)
  return bytes
}

export function watchOverServerSentEvents(reply: FastifyReply, begin: Begin): void {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
    // Proxies that buffer answers are told not to.
    'x-accel-buffering': 'no',
  })
  // Who asks for the head only waits for no event.
  if (reply.request.method === 'HEAD') return void raw.end()
  const ping = () => raw.write('event: ping\n\n')
  ping()
  const pings = setInterval(ping, pingEveryMs)
  const stop = begin((type, data) => {
    if (raw.writableLength > maxUnreadBytes) raw.destroy()
    else raw.write(wrapOnce(asEvent, type, data))
  })
  raw.on('close', () => {
    clearInterval(pings)
    stop()
  })
}

/** Any message of the client ends it, as with Coder. */
export function watchOverWebSocket(socket: WebSocket, begin: Begin): void {
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
  }, pingEveryMs)
  const stop = begin((type, data) => sendText(wrapOnce(asFrame, type, data)))
  socket.on('message', () => socket.close(1000))
  socket.on('close', () => {
    clearInterval(pings)
    stop()
  })
}
