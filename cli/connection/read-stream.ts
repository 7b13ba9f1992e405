// Reads a WebSocket of the deployment whose messages are JSON.

import WebSocket from 'ws'
import type { Connection } from './connect.ts'

/** Resolves when the server closes the stream or the signal aborts. */
export function readStream<Frame>(
  { headers, token }: Pick<Connection, 'headers' | 'token'>,
  url: string,
  onFrame: (frame: Frame) => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { ...headers, 'coder-session-token': token } })
    const close = () => socket.close()
    signal?.addEventListener('abort', close)
    socket.on('message', (data) => onFrame(JSON.parse(String(data)) as Frame))
    socket.on('close', () => {
      signal?.removeEventListener('abort', close)
      resolve()
    })
    socket.on('error', (error) => (signal?.aborted ? resolve() : reject(error)))
    if (signal?.aborted) close()
  })
}
