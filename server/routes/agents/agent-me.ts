// Endpoints for agents, authenticated by the agent token: connection, manifest, reports, logs.

import type { FastifyInstance } from 'fastify'
import { openOfficialRpc, patchOwnLogs, postOwnLogSource } from '../../../api/agents/agents.ts'
import { ApiError } from '../../../api/errors.ts'
import {
  connectAgent,
  connectRawSocket,
  getManifest,
  reportLifecycle,
  reportScript,
  reportStartup,
} from '../../../api/local.ts'
import { insertAgentLogs, storeLogSource } from '../../agents/agent-logs.ts'
import { loadManifest } from '../../agents/manifest.ts'
import { storeScriptTiming } from '../../agents/script-timings.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'

export function registerAgentMeRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, events, connections } = context

  // Open agent sockets would prevent the HTTP server from closing.
  app.addHook('preClose', () => connections.close())

  serveUpgrade(app, connectAgent, async ({ agent, query, upgrade }) => {
    await upgrade.handOver(async (socket, forwarded) => {
      await connections.admitAgent(agent, query, socket, forwarded)
      return undefined
    })
  })

  serveUpgrade(app, connectRawSocket, async ({ query, upgrade }) => {
    await upgrade.handOver(async (socket, forwarded) => {
      await connections.admitRawSocket(query.ticket, socket, forwarded)
      return undefined
    })
  })

  serveUpgrade(app, openOfficialRpc, async () => {
    throw new ApiError(400, 'This agent is not supported.', {
      detail: 'Use the coder command that this deployment installs, not the one of an official Coder release.',
    })
  })

  serve(app, getManifest, async ({ agent }) => {
    // A terminal holder that survived an upgrade checks for newer services after reading the manifest, possibly before they
    // are installed. The installation logs its own errors.
    await context.agentBinDir.catch(() => undefined)
    return loadManifest(db, agent, context.accessUrl)
  })

  serve(app, reportStartup, async ({ agent, body }) => {
    await db
      .updateTable('workspace_agents')
      .set({ version: body.version, expanded_directory: body.expanded_directory, api_version: '2.0' })
      .where('id', '=', agent.agentId)
      .execute()
    return null
  })

  serve(app, reportLifecycle, async ({ agent, body }) => {
    const at = new Date(body.changed_at)
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('workspace_agents')
        .set({
          lifecycle_state: body.state,
          updated_at: new Date(),
          ...(body.state === 'starting' && { started_at: at, ready_at: null }),
          ...(hasStarted.has(body.state) && { ready_at: at }),
        })
        .where('id', '=', agent.agentId)
        .execute()
      await events.publish(tx, { type: 'workspace', workspace_id: agent.workspaceId, reason: 'agent' })
    })
    return null
  })

  serve(app, reportScript, async ({ agent, body }) => {
    await requireOwnScript(context, agent.agentId, body.script_id)
    await storeScriptTiming(db, body)
    return null
  })

  serve(app, patchOwnLogs, async ({ agent, body }) => {
    if (body.logs.length === 0) throw new ApiError(400, 'No logs provided.')
    await insertAgentLogs(context, agent, body)
    return { message: 'ok' }
  })

  serve(app, postOwnLogSource, async ({ agent, body }) => {
    const source = { id: body.id, display_name: body.display_name ?? '', icon: body.icon ?? '' }
    return await storeLogSource(db, agent.agentId, source)
  })
}

/** Lifecycle states after the start scripts have finished or failed. */
const hasStarted: ReadonlySet<string> = new Set(['ready', 'start_timeout', 'start_error'])

async function requireOwnScript({ db }: ServerContext, agentId: string, scriptId: string): Promise<void> {
  const script = await db
    .selectFrom('workspace_agent_scripts')
    .select('id')
    .where('id', '=', scriptId)
    .where('workspace_agent_id', '=', agentId)
    .executeTakeFirst()
  if (!script) throw new ApiError(400, 'The agent has no such script.', { detail: `There is no script ${scriptId}.` })
}
