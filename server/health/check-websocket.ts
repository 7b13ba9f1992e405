// Health check: WebSockets work at the access URL, authenticated with the caller's key.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { WebsocketHealth } from '../../api/deployment/health.ts'
import type { ServerContext } from '../context.ts'
import { allWell, type Finding, failed, reasonOf } from './section.ts'

type Report = Omit<WebsocketHealth, 'dismissed'>

const patienceMs = 10_000
const messages = ['1', '2', '3']

export async function checkWebsocket({ accessUrl, signal }: ServerContext, key: string): Promise<Report> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
  const socket = new WebSocket(`${accessUrl.replace(/^http/, 'ws')}/api/v2/debug/ws`, {
    headers: { 'coder-session-token': key },
    perMessageDeflate: false,
  })
  const refused = refusalOf(socket)
  try {
    const answer = await Promise.race([refused, once(socket, 'open', { signal: limit }).then(() => null)])
    if (answer) return report(notUpgraded(answer.code), answer)
    return report(await exchange(socket, limit), { code: 101, body: '' })
  } catch (error) {
    return report(failed('EWS01', `A WebSocket to ${accessUrl} failed: ${reasonOf(error)}.`), { code: 0, body: '' })
  } finally {
    socket.terminate()
  }
}

interface Refusal {
  readonly code: number
  readonly body: string
}

/** Resolves when the server rejects the upgrade. */
function refusalOf(socket: WebSocket): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, answer) => {
      answer
        .toArray()
        .then(
          (chunks) => resolve({ code: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString().slice(0, 1024) }),
          reject,
        )
    })
  })
}

const notUpgraded = (code: number) =>
  failed(
    'EWS01',
    `The WebSocket was answered with ${code}. A proxy in front of the deployment must let upgrades through.`,
  )

async function exchange(socket: WebSocket, signal: AbortSignal): Promise<Finding> {
  for (const message of messages) {
    socket.send(message)
    const [data] = await once(socket, 'message', { signal })
    if (String(data) !== message) {
      return failed('EWS03', `"${message}" was sent over a WebSocket and "${String(data).slice(0, 64)}" came back.`)
    }
  }
  return allWell
}

function report(finding: Finding, { code, body }: Refusal): Report {
  return { ...finding, healthy: finding.severity === 'ok', code, body }
}
