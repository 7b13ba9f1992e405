// Limits of HTTP messages, before routing: rejects ambiguous headers (request smuggling) and drops incomplete requests.
// Node's parser rejects folded headers and conflicting body lengths. Host and origin are checked in request-guards.ts.

import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError } from '../../api/errors.ts'
import { localSecretHeader } from '../../api/local.ts'

/** Maximum time for the head of a request, and for a small body. */
const headTimeoutMs = 30_000
/** Uploads can take longer on slow connections. */
const uploadTimeoutMs = 10 * 60_000
/** Interval of the timeout checks. */
const timeoutPrecisionMs = 1_000

export const httpServerOptions = {
  headersTimeout: headTimeoutMs,
  requestTimeout: uploadTimeoutMs,
  connectionsCheckingInterval: timeoutPrecisionMs,
} as const satisfies ServerOptions

/** Headers for authentication, routing and framing. Parsers disagree about which of two duplicates is valid. */
const singleValueHeaders = new Set([
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

/** @throws ApiError 400 for a duplicate of a single-value header */
export function checkHeaders({ rawHeaders }: IncomingMessage): void {
  const seen: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase()
    if (!singleValueHeaders.has(name)) continue
    if (seen.includes(name))
      throw new ApiError(400, 'The headers of the request are not valid.', {
        detail: `The header ${name} was sent twice.`,
      })
    seen.push(name)
  }
}

/** Closes the connection if the body does not arrive in time. */
export function limitBody(request: IncomingMessage, timeoutMs: number): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return
  const timer = setTimeout(() => request.socket.destroy(), timeoutMs)
  request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
}

const clientErrorResponses: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large.'],
}

/** Responds to bytes that are not a valid HTTP request. */
export function sendClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const isResponseStarted = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent
  if (isResponseStarted) return void socket.destroy()
  const [status, message] = clientErrorResponses[error.code ?? ''] ?? [
    '400 Bad Request',
    'The request is not valid HTTP.',
  ]
  const body = JSON.stringify({ message })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: no-store\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}
