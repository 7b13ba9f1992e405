// Notifies running agents of manifest changes, so that workspace settings take effect immediately.

import type { FastifyBaseLogger } from 'fastify'
import type { Events } from '../events.ts'
import { AgentError } from '../relay/agent-error.ts'
import type { Relay } from '../relay/relay.ts'

/** @returns a function that stops the notifications */
export function notifyAgentsOfChanges({
  events,
  connections,
  log,
}: {
  readonly events: Pick<Events, 'subscribe'>
  readonly connections: Pick<Relay, 'all' | 'dial'>
  readonly log: Pick<FastifyBaseLogger, 'warn'>
}): () => void {
  return events.subscribe((event) => {
    if (event.type !== 'workspace' || event.reason !== 'settings') return
    for (const { agent, identity } of connections.all()) {
      if (agent.workspaceId === event.workspace_id && identity.role === 'terminals') void notifyAgent(agent.agentId)
    }
  })

  async function notifyAgent(agentId: string): Promise<void> {
    try {
      const stream = await connections.dial(agentId, '/manifest-changed')
      stream.end()
      stream.resume()
    } catch (error) {
      // A disconnected agent reads its manifest when it reconnects; old agents do not support notifications.
      if (!(error instanceof AgentError))
        log.warn({ err: error, agentId }, 'could not notify the agent of changed settings')
    }
  }
}
