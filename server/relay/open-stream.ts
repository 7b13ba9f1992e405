// Opens streams on HTTP/2 sessions from the relay to an agent and from coderd to the relay.

import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2'
import type { Readable } from 'node:stream'
import { AgentError, agentConnectionLost, agentNotConnected, targetUnsupported } from './agent-error.ts'
import { notConnectedStatus } from './messages.ts'

/** A complete request body. */
export type Body = string | Readable

export type Query = Readonly<Record<string, string>>

/** @param body ends the request; without it the stream stays open. @param signal destroys the stream.
 *  @throws AgentError if the session ends before the response, or the agent rejects the request. */
export async function openStream(
  session: ClientHttp2Session,
  path: string,
  query: Query,
  body?: Body,
  signal?: AbortSignal,
): Promise<ClientHttp2Stream> {
  if (session.closed || session.destroyed) throw agentNotConnected()
  const stream = session.request(
    { ':method': 'POST', ':path': `${path}?${new URLSearchParams(query)}` },
    { endStream: false, ...(signal && { signal }) },
  )
  if (typeof body === 'string') stream.end(body)
  else body?.pipe(stream)
  const status = await new Promise<number>((resolve, reject) => {
    stream.once('response', (headers) => resolve(Number(headers[':status'])))
    stream.once('error', () => reject(agentConnectionLost()))
    stream.once('close', () => reject(agentConnectionLost()))
  })
  // The owner of the stream handles its `close`.
  stream.on('error', () => stream.destroy())
  if (status === 200) return stream
  const reason = await readReason(stream, status)
  if (status === unknownTargetStatus) throw targetUnsupported()
  throw status === notConnectedStatus ? agentNotConnected() : new AgentError('rejected', reason)
}

/** Whether a stream ended regularly. A truncated stream also emits `end`; call this in its handler. */
export const hasEndedCleanly = (stream: ClientHttp2Stream) =>
  !stream.destroyed && stream.rstCode === constants.NGHTTP2_NO_ERROR

/** Response status of an agent that does not know the target. */
const unknownTargetStatus = 404

const maxReasonLength = 500

/** Body of a rejection, truncated. */
async function readReason(stream: ClientHttp2Stream, status: number): Promise<string> {
  stream.end()
  let text = ''
  // Leaving the loop destroys the stream.
  for await (const chunk of stream) {
    text += chunk
    if (text.length >= maxReasonLength) break
  }
  return text.slice(0, maxReasonLength) || `The agent responded with status ${status}.`
}
