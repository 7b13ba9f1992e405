// Tunnels of clients into workspaces. The relay dials the target and copies the bytes.

import type { FastifyInstance } from 'fastify'
import type { DialTarget } from '../../../api/agents/agent-protocol.ts'
import { openTunnel, type TunnelQuery } from '../../../api/agents/tunnels.ts'
import { invalidQuery } from '../../../api/errors.ts'
import { requireConnected } from '../../agents/require-connected.ts'
import { logConnected } from '../../audit/connection-log.ts'
import type { ServerContext } from '../../context.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { requireAgent } from '../../lookup/workspaces.ts'

export function registerTunnelRoutes(app: FastifyInstance, context: ServerContext): void {
  serveUpgrade(app, openTunnel, async (request) => {
    const { agent, workspace } = await requireAgent(context, request, request.params.workspaceagent, 'ssh')
    const target = toDialTarget(request.query)
    await requireConnected(context, agent)
    const tunnel = await request.upgrade.handOver((socket, forwarded) =>
      context.connections.admitTunnel(agent.id, target, socket, forwarded),
    )
    if (target.kind === 'measure') return
    const type = target.kind === 'ssh' ? (request.query.app ?? 'ssh') : 'port_forwarding'
    tunnel.once('close', logConnected(context, request, { type, workspace, agentName: agent.name }))
  })
}

/** @throws ApiError 400 for a missing field */
function toDialTarget({ kind, host = 'localhost', port, path, mode }: TunnelQuery): DialTarget {
  if (kind === 'ssh') return { kind }
  if ((kind === 'tcp' || kind === 'udp') && port !== undefined) return { kind, host, port }
  if (kind === 'unix' && path !== undefined) return { kind, path }
  if (kind === 'measure' && mode !== undefined) return { kind, mode }
  const field = { tcp: 'port', udp: 'port', unix: 'path', measure: 'mode' }[kind]
  throw invalidQuery([{ field, detail: `Required for targets of the kind "${kind}".` }])
}
