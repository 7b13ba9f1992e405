// Health check: WebSockets work at the access URL, authenticated with the caller's key.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { WebsocketHealth } from '../../api/deployment/health.ts'
import type { ServerContext } from '../context.ts'
import { messageWithCause } from '../error-message.ts'
import { type Finding, failure, noProblems } from './section.ts'

type Report = Omit<WebsocketHealth, 'dismissed'>

const timeoutMs = 10_000
const messages = ['1', '2', '3']

export async function checkWebsocket({ accessUrl, signal }: ServerContext, key: string): Promise<Report> {
  const timeout = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const socket = new WebSocket(`${accessUrl.replace(/^http/, 'ws')}/api/v2/debug/ws`, {
    headers: { 'coder-session-token': key },
    perMessageDeflate: false,
  })
  const rejection = readRejection(socket)
  try {
    const response = await Promise.race([rejection, once(socket, 'open', { signal: timeout }).then(() => null)])
    if (response) return report(notUpgraded(response.code), response)
    return report(await exchange(socket, timeout), { code: 101, body: '' })
  } catch (error) {
    return report(failure('EWS01', `A WebSocket to ${accessUrl} failed: ${messageWithCause(error)}.`), {
      code: 0,
      body: '',
    })
  } finally {
    socket.terminate()
  }
}

interface Rejection {
  readonly code: number
  readonly body: string
}

/** Resolves when the server rejects the upgrade. */
function readRejection(socket: WebSocket): Promise<Rejection> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response) => {
      response
        .toArray()
        .then(
          (chunks) =>
            resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString().slice(0, 1024) }),
          reject,
        )
    })
  })
}

const notUpgraded = (code: number) =>
  failure(
    'EWS01',
    `The server rejected the WebSocket with ${code}. A proxy in front of the deployment must allow upgrades.`,
  )

async function exchange(socket: WebSocket, signal: AbortSignal): Promise<Finding> {
  for (const message of messages) {
    socket.send(message)
    const [data] = await once(socket, 'message', { signal })
    if (String(data) !== message) {
      return failure('EWS03', `The WebSocket returned "${String(data).slice(0, 64)}" instead of "${message}".`)
    }
  }
  return noProblems
}

function report(finding: Finding, { code, body }: Rejection): Report {
  return { ...finding, healthy: finding.severity === 'ok', code, body }
}
