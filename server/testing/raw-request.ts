// Requests no HTTP client would send: any Host, any Origin, upgrades by hand, over a bare socket.

import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** The head and whatever came after it until the server closed, or the head alone of an upgrade. */
  readonly text: string
}

/** Sends these header lines (without Host, unless they bring one, the server's own is sent) and reads the answer. */
export async function rawRequest(
  serverUrl: string,
  { method = 'GET', path, headers = {}, body = '' }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(serverUrl)
  const socket = connect(Number(port), hostname)
  const lines = { host, ...headers, ...(body ? { 'content-length': String(Buffer.byteLength(body)) } : {}) }
  const isUpgrade = 'upgrade' in lines
  const head = Object.entries(isUpgrade ? lines : { ...lines, connection: 'close' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`)
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    if (isUpgrade && text.startsWith('HTTP/1.1 101') && text.includes('\r\n\r\n')) socket.destroy()
  })
  await once(socket, 'close')
  return { status: Number(text.slice(9, 12)), text }
}

interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** What a browser sends to open a WebSocket, less the cookie and the origin. */
export const webSocketHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const
