// Serves a client's tunnel: dials the target in the workspace, completes the client's upgrade and joins the two sockets.
// A failed dial is an HTTP response with the code of the failure.

import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type DialErrorCode, type DialTarget, rawUpgradeProtocol } from '../../api/agents/agent-protocol.ts'
import { joinSockets } from '../../lib/join-sockets.ts'
import { coderVersion } from '../../lib/version.ts'
import { toDialError } from './dial-error.ts'
import type { RawSockets } from './raw-sockets.ts'

/** Response that completes the upgrade of a raw socket. */
export const rawSwitchingProtocols = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${rawUpgradeProtocol}\r\n\r\n`

const dialErrorStatuses = {
  'agent-disconnected': 503,
  unsupported: 501,
  refused: 502,
  unreachable: 502,
  timeout: 504,
  failed: 502,
} as const satisfies Record<DialErrorCode, number>

/** Takes ownership of the client's socket. */
export async function serveTunnel(
  rawSockets: RawSockets,
  agentId: string,
  target: DialTarget,
  client: Socket,
): Promise<void> {
  const disconnected = new AbortController()
  const abort = () => disconnected.abort(new Error('The client disconnected.'))
  client.once('close', abort)
  try {
    const upstream = await rawSockets.dial(agentId, target, { signal: disconnected.signal })
    client.off('close', abort)
    if (client.destroyed) {
      upstream.destroy()
      return
    }
    client.write(rawSwitchingProtocols)
    joinSockets(client, upstream)
  } catch (error) {
    const { code, message } = toDialError(error)
    if (client.writable) rejectTunnel(client, dialErrorStatuses[code], { message, code })
    else client.destroy()
  }
}

function rejectTunnel(client: Socket, status: number, response: { message: string; code: DialErrorCode }): void {
  const body = JSON.stringify(response)
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Coder-Build-Version: ${coderVersion}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => client.destroy(),
  )
}
