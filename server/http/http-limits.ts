// What the wire may carry, before anything is made of it: messages that two readers could take for different ones are
// refused, and whoever sends half a request does not hold a connection. Folded headers and two statements about where a
// body ends are refused by Node's parser. Who may come in is guards.ts's question.

import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError } from '../../api/errors.ts'
import { localSecretHeader } from '../../api/local.ts'

/** A request whose head, or whose small body, has not come after this long is dropped. */
const headTimeoutMs = 30_000
/** Uploads may come over slow lines. */
const uploadTimeoutMs = 10 * 60_000
/** How exactly the timeouts are kept. */
const timeoutPrecisionMs = 1_000

export const wireOptions = {
  headersTimeout: headTimeoutMs,
  requestTimeout: uploadTimeoutMs,
  connectionsCheckingInterval: timeoutPrecisionMs,
} as const satisfies ServerOptions

/** Headers that say who asks, for whom, or where the message ends. Readers disagree about which of two counts. */
const singular = new Set([
  'authorization',
  localSecretHeader,
  'coder-session-token',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'if-none-match',
  'origin',
  'sec-fetch-site',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
  'x-coder-bypass-ratelimit',
  'x-csrf-token',
])

/** @throws ApiError 400 for a header that must not be doubled. */
export function checkHeaders({ rawHeaders }: IncomingMessage): void {
  const seen: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase()
    if (!singular.has(name)) continue
    if (seen.includes(name))
      throw new ApiError(400, 'The headers of the request are not valid.', { detail: `${name} is sent twice.` })
    seen.push(name)
  }
}

/** Ends the connection of a request whose body does not come. Uploads have a limit of their own. */
export function limitBody(request: IncomingMessage, timeoutMs: number): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return
  const timer = setTimeout(() => request.socket.destroy(), timeoutMs)
  request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
}

const answers: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not come in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
}

/** What a client gets whose bytes are no HTTP request. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const isUnderWay = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent
  if (isUnderWay) return void socket.destroy()
  const [status, message] = answers[error.code ?? ''] ?? ['400 Bad Request', 'The request is not valid HTTP.']
  const body = JSON.stringify({ message })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
