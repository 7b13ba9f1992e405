// What an agent is told about itself by coderd: names, folder, environment, scripts. Fetched with plain node:http, as
// the holder of the terminals stays small by loading nothing larger.

import http from 'node:http'
import https from 'node:https'
import { agentManifestPath } from '../api/agents/agent-protocol.ts'
import type { ResponseOf } from '../api/endpoint.ts'
import type { getManifest } from '../api/local.ts'
import type { AgentSettings } from './settings.ts'

export type Manifest = ResponseOf<typeof getManifest>

const timeoutMs = 10_000

/** @throws Error with the status and the server's words when it is refused. */
export async function fetchManifest(settings: AgentSettings): Promise<Manifest> {
  const url = new URL(agentManifestPath, settings.url)
  const request = (url.protocol === 'https:' ? https : http).get(url, {
    headers: { 'coder-session-token': settings.token },
    timeout: timeoutMs,
    agent: false,
  })
  request.on('timeout', () => request.destroy(new Error(`No manifest within ${timeoutMs / 1000} s.`)))
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  const text = Buffer.concat(await answer.toArray()).toString()
  if (answer.statusCode !== 200) throw new Error(`The manifest was refused: ${answer.statusCode} ${text.slice(0, 300)}`)
  return JSON.parse(text) as Manifest
}
