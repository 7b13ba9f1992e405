// Forwards one request of coderd to an app, whose address is reachable from the workspace only.

import type { ServerHttp2Stream } from 'node:http2'
import type { AppResponseHead } from '../../api/agents/agent-protocol.ts'

const limitMs = 20_000
// Limit of a response body: messages, not downloads.
const maxBodyBytes = 8 * 1024 * 1024

export async function askApp(stream: ServerHttp2Stream, query: URLSearchParams): Promise<void> {
  try {
    const answer = JSON.stringify(await ask(query, Buffer.concat(await stream.toArray())))
    if (stream.destroyed) return
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(answer)
  } catch (error) {
    if (stream.destroyed) return
    stream.respond({ ':status': 502 })
    stream.end(`The request to the app failed: ${explain(error as Error)}.`)
  }
}

async function ask(query: URLSearchParams, body: Buffer): Promise<AppResponseHead> {
  const answer = await fetch(query.get('url') ?? '', {
    method: query.get('method') ?? 'GET',
    ...(body.length > 0 && { body: new Uint8Array(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(limitMs),
  })
  const bytes: Uint8Array[] = []
  let length = 0
  for await (const chunk of answer.body ?? []) {
    length += chunk.length
    if (length > maxBodyBytes) throw new Error(`the response exceeds ${maxBodyBytes} bytes`)
    bytes.push(chunk)
  }
  return { status: answer.status, body: Buffer.concat(bytes).toString() }
}

const explain = ({ message, cause }: Error) => (cause instanceof Error ? cause.message : message)
