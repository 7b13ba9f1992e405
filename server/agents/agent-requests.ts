// JSON requests from coderd to agents. Responses are bounded in size and time and validated: the program behind an agent
// token may be any program.

import type { ClientHttp2Stream } from 'node:http2'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type AgentTarget, agentTargets } from '../../api/agents/agent-protocol.ts'
import { AgentError, agentConnectionLost } from '../relay/agent-error.ts'
import { hasEndedCleanly, type Query } from '../relay/open-stream.ts'
import type { Relay } from '../relay/relay.ts'

const validators: { readonly [Target in AgentTarget]?: { Check(value: unknown): boolean } } = {
  '/listening-ports': Compile(
    Type.Object({
      ports: Type.Array(
        Type.Object({
          port: Type.Integer({ minimum: 0, maximum: 65_535 }),
          network: Type.String({ maxLength: 16 }),
          process_name: Type.String({ maxLength: 256 }),
        }),
        { maxItems: 10_000 },
      ),
    }),
  ),
  // Agents of other versions have other fields.
  '/terminals': Compile(
    Type.Object({ terminals: Type.Array(Type.Object({ id: Type.String({ maxLength: 64 }) }), { maxItems: 10_000 }) }),
  ),
  '/terminals/close': Compile(Type.Object({ closed: Type.Boolean() })),
  '/app-request': Compile(Type.Object({ status: Type.Integer({ minimum: 100, maximum: 599 }), body: Type.String() })),
}

// Enough for the messages of a task; the body of an app response is JSON within JSON.
const maxResponseBytes = 16 * 1024 * 1024
// The agent waits up to 20 s for an app.
const defaultTimeoutMs = 30_000

type AgentDialer = Pick<Relay, 'dial' | 'waitFor'>

/** @param body complete request body. @throws AgentError if the agent is not connected, rejects the request,
 *  disconnects or sends no usable response; in the last two cases the request may have been executed */
export async function callAgent<T>(
  connections: Pick<AgentDialer, 'dial'>,
  agentId: string,
  target: AgentTarget,
  query: Query = {},
  body = '',
  timeoutMs = defaultTimeoutMs,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const text = await readResponse(await connections.dial(agentId, target, query, body, timeout))
    return parseResponse(target, text) as T
  } catch (error) {
    if (!timeout.aborted) throw error
    throw new AgentError('invalid', `The agent did not respond within ${timeoutMs / 1000} s.`)
  }
}

function parseResponse(target: AgentTarget, text: string): unknown {
  try {
    const response: unknown = JSON.parse(text)
    if (validators[target]?.Check(response) ?? true) return response
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new AgentError('invalid', 'The agent sent an invalid response.')
}

// Agents reconnect within a second after a restart of the relay.
const reconnectTimeoutMs = 5_000

/** Like `callAgent` for read-only requests; retries once if the agent disconnects and reconnects. */
export async function queryAgent<T>(
  connections: AgentDialer,
  agentId: string,
  target: AgentTarget,
  query?: Query,
): Promise<T> {
  try {
    return await callAgent<T>(connections, agentId, target, query)
  } catch (error) {
    if (!(error instanceof AgentError) || error.reason !== 'lost') throw error
    await connections.waitFor(agentId, agentTargets[target], reconnectTimeoutMs)
    return await callAgent<T>(connections, agentId, target, query)
  }
}

async function readResponse(stream: ClientHttp2Stream): Promise<string> {
  let isComplete = false
  stream.once('end', () => {
    isComplete = hasEndedCleanly(stream)
  })
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // Leaving the loop destroys the stream.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxResponseBytes) throw responseTooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof AgentError ? error : agentConnectionLost()
  }
  if (!isComplete) throw agentConnectionLost()
  return Buffer.concat(chunks).toString()
}

const responseTooLarge = () =>
  new AgentError('invalid', `The response of the agent exceeds ${maxResponseBytes / 1024 / 1024} MiB.`)
