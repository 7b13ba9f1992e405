// Shared ports of a workspace. Access to a shared port is enforced where ports are served.

import type { FastifyInstance } from 'fastify'
import type { SharingLevel } from '../../../api/agents/agents.ts'
import { ApiError, notFound } from '../../../api/errors.ts'
import { deletePortShare, listPortShares, upsertPortShare } from '../../../api/workspaces/port-shares.ts'
import { requireSharingAllowed } from '../../builds/host-access.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { replySent, serve } from '../../http/serve.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'

// From the most to the least restrictive.
const levels: readonly SharingLevel[] = ['owner', 'organization', 'authenticated', 'public']

export function registerPortShareRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, listPortShares, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    const shares = await db
      .selectFrom('workspace_agent_port_shares')
      .selectAll()
      .where('workspace_id', '=', workspace.id)
      .orderBy('agent_name')
      .orderBy('port')
      .execute()
    return { shares }
  })

  serve(app, upsertPortShare, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const { agent_name, port, share_level, protocol } = request.body
    await requireAllowedLevel(db, workspace, share_level)
    await requireSharingAllowed(db, request.principal, workspace.id)
    await requireAgentName(db, workspace, agent_name)
    const changed = { share_level, protocol: protocol ?? ('http' as const) }
    return await db
      .insertInto('workspace_agent_port_shares')
      .values({ workspace_id: workspace.id, agent_name, port, ...changed })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'agent_name', 'port']).doUpdateSet(changed))
      .returningAll()
      .executeTakeFirstOrThrow()
  })

  serve(app, deletePortShare, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const deleted = await db
      .deleteFrom('workspace_agent_port_shares')
      .where('workspace_id', '=', workspace.id)
      .where('agent_name', '=', request.body.agent_name)
      .where('port', '=', request.body.port)
      .returning('port')
      .executeTakeFirst()
    if (!deleted) throw notFound()
    request.reply.code(200).send()
    return replySent
  })
}

async function requireAllowedLevel(db: Db, workspace: Row<'workspaces'>, level: SharingLevel): Promise<void> {
  const { max_port_share_level: maxLevel } = await db
    .selectFrom('templates')
    .select('max_port_share_level')
    .where('id', '=', workspace.template_id)
    .executeTakeFirstOrThrow()
  if (levels.indexOf(level) <= levels.indexOf(maxLevel)) return
  throw new ApiError(403, 'The template does not allow this share level.', {
    validations: [{ field: 'share_level', detail: `The maximum level is "${maxLevel}".` }],
  })
}

/** Checks the agents of the latest build. */
async function requireAgentName(db: Db, workspace: Row<'workspaces'>, name: string): Promise<void> {
  const agents = await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .where('build.id', '=', workspace.latest_build_id)
    .select('agent.name')
    .execute()
  if (agents.some((agent) => agent.name === name)) return
  const agentNames = agents.map((agent) => agent.name).join(', ') || 'none, because the workspace is not started'
  throw new ApiError(400, 'The workspace has no such agent.', {
    validations: [{ field: 'agent_name', detail: `"${name}" is not one of its agents: ${agentNames}.` }],
  })
}
