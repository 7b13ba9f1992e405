// Activity reports of clients: a workspace is in use, and by which program.

import type { FastifyInstance } from 'fastify'
import { Check } from 'typebox/value'
import { PostWorkspaceUsageRequest, postWorkspaceUsage } from '../../../api/workspaces/workspaces.ts'
import { insertStats } from '../../agents/agent-stats.ts'
import type { ServerContext } from '../../context.ts'
import type { Db } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'
import { workspaceObject } from '../../policy/objects.ts'
import { isRequestPermitted, requirePermission } from '../../policy/policy.ts'
import { recordActivity } from '../../schedule/activity.ts'

const columns = {
  vscode: 'session_count_vscode',
  jetbrains: 'session_count_jetbrains',
  'reconnecting-pty': 'session_count_reconnecting_pty',
  ssh: 'session_count_ssh',
} as const

export function registerWorkspaceUsageRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, postWorkspaceUsage, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'read')
    const object = workspaceObject(workspace)
    // Users with whom the workspace is shared have only connect permission; their usage counts too.
    if (!isRequestPermitted(request, 'ssh', object)) requirePermission(request, 'update', object)
    const { body } = request
    if (!Check(PostWorkspaceUsageRequest, body) || !(await isAgentOf(context.db, workspace, body.agent_id))) {
      await recordActivity(context, workspace.id)
      return null
    }
    const stats = { usage: true, connection_count: 1, [columns[body.app_name]]: 1 }
    await insertStats(context, { agentId: body.agent_id, workspaceId: workspace.id }, stats)
    return null
  })
}

async function isAgentOf(db: Db, workspace: Row<'workspaces'>, agentId: string): Promise<boolean> {
  const agent = await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .where('agent.id', '=', agentId)
    .where('build.workspace_id', '=', workspace.id)
    .select('agent.id')
    .executeTakeFirst()
  return agent !== undefined
}
