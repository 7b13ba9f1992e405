// HTTP/1.1 upgrade as a client, over node:http: the response is a raw socket.

import http from 'node:http'
import type { Socket } from 'node:net'

export interface UpgradeOptions {
  /** Value of the `Upgrade` header. */
  readonly protocol: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

export interface UpgradedSocket {
  readonly socket: Socket
  /** Bytes that the server sent after its response. */
  readonly head: Buffer
}

/** The server answered with an ordinary response. */
export class UpgradeRejectedError extends Error {
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    super(`The deployment rejected the connection: ${status} ${body.slice(0, 500)}`)
    this.name = 'UpgradeRejectedError'
    this.status = status
    this.body = body
  }
}

/** @throws UpgradeRejectedError, or Error when the server does not answer */
export async function requestUpgrade(url: URL, options: UpgradeOptions): Promise<UpgradedSocket> {
  const { protocol, headers, timeoutMs, signal } = options
  // Loads TLS on demand.
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : http
  const request = send(url, {
    headers: { connection: 'Upgrade', upgrade: protocol, ...headers },
    agent: false,
    timeout: timeoutMs,
    ...(signal && { signal }),
  })
  return new Promise((resolve, reject) => {
    request.on('upgrade', (_response, duplex, head) => {
      const socket = duplex as Socket
      socket.setTimeout(0)
      socket.setNoDelay(true)
      resolve({ socket, head })
    })
    request.on('response', (response) => void readRejection(response).then(reject, reject))
    request.on('timeout', () => request.destroy(new Error(`No answer within ${timeoutMs / 1000} s.`)))
    request.on('error', reject)
    request.end()
  })
}

async function readRejection(response: http.IncomingMessage): Promise<Error> {
  const text = Buffer.concat(await response.toArray()).toString()
  return new UpgradeRejectedError(response.statusCode ?? 0, text)
}
