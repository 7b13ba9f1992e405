// Forwards one request of coderd to an app, whose address is reachable from the workspace only.

import type { ServerHttp2Stream } from 'node:http2'
import type { AppResponseHead } from '../../api/agents/agent-protocol.ts'
import { nodeRequest } from '../../lib/node-request.ts'

const timeoutMs = 20_000
// Limit of the response body: apps send messages, not downloads.
const maxBodyBytes = 8 * 1024 * 1024

export async function forwardAppRequest(stream: ServerHttp2Stream, query: URLSearchParams): Promise<void> {
  try {
    const response = JSON.stringify(await send(query, Buffer.concat(await stream.toArray())))
    if (stream.destroyed) return
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(response)
  } catch (error) {
    if (stream.destroyed) return
    stream.respond({ ':status': 502 })
    stream.end(`The request to the app failed: ${explain(error as Error)}.`)
  }
}

async function send(query: URLSearchParams, body: Buffer): Promise<AppResponseHead> {
  const { status, message } = await nodeRequest(query.get('url') ?? '', {
    method: query.get('method') ?? 'GET',
    ...(body.length > 0 && { body: new Uint8Array(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const bytes: Buffer[] = []
  let length = 0
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBodyBytes) throw new Error(`the response exceeds ${maxBodyBytes} bytes`)
    bytes.push(chunk)
  }
  return { status, body: Buffer.concat(bytes).toString() }
}

const explain = ({ message, cause }: Error) => (cause instanceof Error ? cause.message : message)
