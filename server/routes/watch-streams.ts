// Watching one object: it is sent whole at first and after every change, over server-sent events or a WebSocket. Changes
// that come while one is being read and sent are one change.

import type { FastifyBaseLogger, FastifyReply } from 'fastify'
import type { WebSocket } from 'ws'
import type { ServerSentEvent } from '../../api/common.ts'

export interface Watching {
  load(): Promise<unknown>
  /** @returns stops calling. */
  subscribe(changed: () => void): () => void
}

// Coder's figure; proxies and clients give a silent stream up after some multiple of it.
const pingEveryMs = 15_000

/** @param send gets a ping first, then the object. @returns ends the watch. */
function watch(
  { load, subscribe }: Watching,
  log: FastifyBaseLogger,
  send: (event: ServerSentEvent) => void,
): () => void {
  let isOver = false
  let isReading = false
  let isAskedAgain = false

  async function read(): Promise<void> {
    isAskedAgain = true
    if (isReading) return
    isReading = true
    try {
      while (isAskedAgain && !isOver) {
        isAskedAgain = false
        const data = await load()
        if (!isOver) send({ type: 'data', data })
      }
    } catch (err) {
      log.warn({ err }, 'a watched object could not be read')
      if (!isOver)
        send({
          type: 'error',
          data: { message: 'The change could not be read.', detail: 'The next one will be shown.' },
        })
    } finally {
      isReading = false
    }
  }

  send({ type: 'ping' })
  const unsubscribe = subscribe(() => void read())
  const pings = setInterval(() => send({ type: 'ping' }), pingEveryMs)
  void read()
  return () => {
    isOver = true
    clearInterval(pings)
    unsubscribe()
  }
}

export function watchOverServerSentEvents(reply: FastifyReply, log: FastifyBaseLogger, watching: Watching): void {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
    // Proxies that buffer answers are told not to.
    'x-accel-buffering': 'no',
  })
  const stop = watch(watching, log, ({ type, data }) => {
    raw.write(`event: ${type}\n${data === undefined ? '' : `data: ${JSON.stringify(data)}\n`}\n`)
  })
  raw.on('close', stop)
}

/** Any message of the client ends it, as with Coder. */
export function watchOverWebSocket(socket: WebSocket, log: FastifyBaseLogger, watching: Watching): void {
  const stop = watch(watching, log, (event) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event))
  })
  const pings = setInterval(() => socket.ping(), pingEveryMs)
  socket.on('message', () => socket.close(1000))
  socket.on('close', () => {
    clearInterval(pings)
    stop()
  })
}
