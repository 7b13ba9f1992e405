// Opens streams on HTTP/2 sessions: from the relay to an agent, and from coderd to the relay.

import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2'
import type { Readable } from 'node:stream'
import { AgentError, agentIsAway, agentIsLost } from './agent-error.ts'
import { awayStatus } from './messages.ts'

/** All that is said on a stream: at once, or as it comes. */
export type Body = string | Readable

export type Query = Readonly<Record<string, string>>

/** @param body without one the stream stays open.
 *  @throws AgentError when the session has ended or ends before the answer, or the answer is a refusal. */
export async function openStream(
  session: ClientHttp2Session,
  path: string,
  query: Query,
  body?: Body,
): Promise<ClientHttp2Stream> {
  if (session.closed || session.destroyed) throw agentIsAway()
  const stream = session.request(
    { ':method': 'POST', ':path': `${path}?${new URLSearchParams(query)}` },
    { endStream: false },
  )
  if (typeof body === 'string') stream.end(body)
  else body?.pipe(stream)
  const status = await new Promise<number>((resolve, reject) => {
    stream.once('response', (headers) => resolve(Number(headers[':status'])))
    stream.once('error', () => reject(agentIsLost()))
    stream.once('close', () => reject(agentIsLost()))
  })
  // From here on an error is the end of the stream, which its owner hears as its close.
  stream.on('error', () => stream.destroy())
  if (status === 200) return stream
  const reason = await readReason(stream, status)
  throw status === awayStatus ? agentIsAway() : new AgentError('refused', reason)
}

/** Whether a stream ends because all was said. One that is cut off gives its `end` too; to be asked when it does. */
export const isWhole = (stream: ClientHttp2Stream) => !stream.destroyed && stream.rstCode === constants.NGHTTP2_NO_ERROR

/** What is said instead of serving, in a bounded length. */
async function readReason(stream: ClientHttp2Stream, status: number): Promise<string> {
  stream.end()
  let text = ''
  for await (const chunk of stream) text = (text + chunk).slice(0, 500)
  return text || `The agent answered with status ${status}.`
}
