// Sends HTTP requests over a plain socket, also ones that HTTP clients refuse: any Host or Origin, manual upgrades.

import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawResponse {
  readonly status: number
  /** All received bytes until the server closed the connection; only the head of an upgrade. */
  readonly text: string
}

/** Sends a request with the given headers and reads the response. The server's own Host is the default. */
export async function rawRequest(
  serverUrl: string,
  { method = 'GET', path, headers = {}, body = '' }: RawRequest,
): Promise<RawResponse> {
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

/** The headers with which a browser opens a WebSocket, without cookie and origin. */
export const webSocketHeaders = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const
