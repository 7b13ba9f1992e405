// Fetches the agent's manifest from coderd: names, folder, environment, scripts. Uses plain node:http, because larger
// clients would increase the memory of the terminal holder.

import http from 'node:http'
import { agentManifestPath } from '../api/agents/agent-protocol.ts'
import type { ResponseOf } from '../api/endpoint.ts'
import type { getManifest } from '../api/local.ts'
import type { AgentSettings } from './settings.ts'

export type Manifest = ResponseOf<typeof getManifest>

const timeoutMs = 10_000

/** @throws Error with the status and the message of the server. */
export async function fetchManifest(settings: AgentSettings): Promise<Manifest> {
  const url = new URL(agentManifestPath, settings.url)
  // Loads TLS on demand.
  const { get } = url.protocol === 'https:' ? await import('node:https') : http
  const request = get(url, {
    headers: { 'coder-session-token': settings.token },
    timeout: timeoutMs,
    agent: false,
  })
  request.on('timeout', () => request.destroy(new Error(`No response within ${timeoutMs / 1000} s.`)))
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  const text = Buffer.concat(await response.toArray()).toString()
  if (response.statusCode !== 200)
    throw new Error(`coderd rejected the manifest request: ${response.statusCode} ${text.slice(0, 300)}`)
  return JSON.parse(text) as Manifest
}
