// Reports of running agents (metadata, stats, resources), and the endpoints that read them.

import type { FastifyInstance } from 'fastify'
import {
  type AgentConnectionInfo,
  deleteDevcontainer,
  followStartupLogs,
  getAgentConnection,
  getConnection,
  getListeningPorts,
  getOwnGitSshKey,
  getStartupLogs,
  listContainers,
  patchOwnAppStatus,
  recreateDevcontainer,
  watchContainers,
  watchMetadata,
  watchMetadataSocket,
  watchReinit,
} from '../../../api/agents/agent-measurements.ts'
import { statsEveryMs } from '../../../api/agents/agent-protocol.ts'
import { notFound } from '../../../api/errors.ts'
import { reportAppHealth, reportMetadata, reportResources, reportStats } from '../../../api/local.ts'
import { followAgentLogs as follow, readAgentLogs } from '../../agents/agent-logs.ts'
import { storeMetadata, watchMetadata as watch } from '../../agents/agent-metadata.ts'
import { insertStats } from '../../agents/agent-stats.ts'
import { storeAppStatus } from '../../agents/app-status.ts'
import { readListeningPorts } from '../../agents/listening-ports.ts'
import { requireConnected } from '../../agents/require-connected.ts'
import { evaluateMonitors } from '../../agents/resource-monitors.ts'
import { isSuperseded } from '../../agents/superseded-agent.ts'
import type { ServerContext } from '../../context.ts'
import { assertNotFollowing } from '../../http/method-not-allowed.ts'
import { serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { type StartStream, streamOverWebSocket, streamServerSentEvents } from '../../http/watch-streams.ts'
import { requireAgent } from '../../lookup/workspaces.ts'
import { authorize } from '../../policy/policy.ts'
import { AgentError } from '../../relay/agent-error.ts'
import { decryptPrivateKey, ensureGitSshKey } from '../../users/git-ssh-keys.ts'

const connectionInfo: AgentConnectionInfo = {
  derp_map: { Regions: {} },
  derp_force_websockets: false,
  disable_direct_connections: true,
  hostname_suffix: 'coder',
}

const noContainers = { containers: [], devcontainers: [], warnings: [] }

export function registerAgentMeasurementRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, encryption, events, connections } = context
  registerReports(app, context)

  const streamMetadata =
    (agentId: string): StartStream =>
    (send) =>
      watch(context, agentId, (items) => send('data', JSON.stringify(items)))

  serve(app, watchMetadata, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    return streamServerSentEvents(request.reply, streamMetadata(agent.id))
  })

  serveUpgrade(app, watchMetadataSocket, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    streamOverWebSocket(await request.upgrade.webSocket(), streamMetadata(agent.id))
  })

  serve(app, getListeningPorts, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    try {
      return { ports: await readListeningPorts(db, connections, agent.id) }
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      await requireConnected(context, agent)
      // The services are restarting, or the agent is an older one.
      return { ports: [] }
    }
  })

  serve(app, listContainers, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    await requireConnected(context, agent)
    return noContainers
  })

  serveUpgrade(app, watchContainers, async (request) => {
    const { agent, workspace } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    await requireConnected(context, agent)
    const socket = await request.upgrade.webSocket()
    socket.send(JSON.stringify(noContainers))
    const closeAtEnd = () =>
      void isSuperseded(db, agent.id)
        .then((isPast) => isPast && socket.close(1000))
        .catch((err: unknown) => request.log.warn({ err }, 'could not check whether an agent is superseded'))
    socket.on('close', events.onWorkspace(workspace.id, closeAtEnd))
    closeAtEnd()
  })

  for (const endpoint of [recreateDevcontainer, deleteDevcontainer] as const) {
    serve(app, endpoint, async (request) => {
      await requireAgent(context, request, request.params.workspaceagent, 'update')
      throw notFound()
    })
  }

  serve(app, getAgentConnection, async (request) => {
    await requireAgent(context, request, request.params.workspaceagent, 'read')
    return connectionInfo
  })

  serve(app, getConnection, async (request) => {
    authorize(request, 'list', { resource: 'workspace' })
    return connectionInfo
  })

  serve(app, getStartupLogs, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    assertNotFollowing(request)
    return await readAgentLogs(db, agent.id, request.query)
  })

  serveUpgrade(app, followStartupLogs, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    await follow(context, agent.id, request.query, await request.upgrade.webSocket())
  })

  serve(app, patchOwnAppStatus, async ({ agent, body }) => {
    await storeAppStatus(context, agent, body)
    return { message: 'App status updated.' }
  })

  serve(app, getOwnGitSshKey, async ({ agent }) => {
    const key = await ensureGitSshKey(db, encryption, agent.ownerId)
    return { public_key: key.public_key, private_key: decryptPrivateKey(encryption, key) }
  })

  serve(app, watchReinit, async ({ reply }) => streamServerSentEvents(reply, () => () => undefined))

  serve(app, reportAppHealth, async ({ agent, body }) => {
    await db.transaction().execute(async (tx) => {
      for (const { app_id, health } of body.apps) {
        await tx
          .updateTable('workspace_apps')
          .set({ health })
          .where('id', '=', app_id)
          .where('agent_id', '=', agent.agentId)
          .execute()
      }
      await events.publish(tx, { type: 'workspace', workspace_id: agent.workspaceId, reason: 'app' })
    })
    return null
  })
}

function registerReports(app: FastifyInstance, context: ServerContext): void {
  serve(app, reportMetadata, async ({ agent, body }) => {
    const startedAt = performance.now()
    const written = await storeMetadata(context.db, agent.agentId, body.values)
    const seconds = (performance.now() - startedAt) / 1000
    context.metrics?.countMetadata({ reported: body.values.length, written, seconds })
    return null
  })

  serve(app, reportResources, async ({ agent, body }) => {
    await evaluateMonitors(context, agent, body.samples)
    return null
  })

  serve(app, reportStats, async ({ agent, body }) => {
    const { connections_by_proto, ...counts } = body
    await insertStats(context, agent, { ...counts, connections_by_proto: JSON.stringify(connections_by_proto) })
    return { report_interval_ms: statsEveryMs }
  })
}
