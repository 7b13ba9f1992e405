// Clients tell that somebody works in a workspace, and with which program.

import type { FastifyInstance } from 'fastify'
import { validationFailed } from '../../api/errors.ts'
import { postWorkspaceUsage } from '../../api/workspaces.ts'
import { insertStats } from '../agents/agent-stats.ts'
import type { ServerContext } from '../context.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { serve } from '../door/serve.ts'
import { requireWorkspace } from '../load.ts'
import { noteActivity } from '../schedule/activity.ts'
import { givenId } from './given-id.ts'

const columns = {
  vscode: 'session_count_vscode',
  jetbrains: 'session_count_jetbrains',
  'reconnecting-pty': 'session_count_reconnecting_pty',
  ssh: 'session_count_ssh',
} as const

export function registerWorkspaceUsageRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, postWorkspaceUsage, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'ssh')
    const agentId = givenId(request.body?.agent_id)
    const appName = request.body?.app_name || undefined
    if ((agentId === undefined) !== (appName === undefined)) {
      const [missing, given] = agentId === undefined ? ['agent_id', 'app_name'] : ['app_name', 'agent_id']
      throw validationFailed([{ field: missing, detail: `is needed beside ${given}` }])
    }
    if (agentId === undefined || appName === undefined) {
      await noteActivity(context, workspace.id)
      return null
    }
    await requireAgentOf(context.db, workspace, agentId)
    const stats = { usage: true, connection_count: 1, [columns[appName]]: 1 }
    await insertStats(context, { agentId, workspaceId: workspace.id }, stats)
    return null
  })
}

async function requireAgentOf(db: Db, workspace: Row<'workspaces'>, agentId: string): Promise<void> {
  const agent = await db
    .selectFrom('workspace_agents as agent')
    .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
    .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
    .where('agent.id', '=', agentId)
    .where('build.workspace_id', '=', workspace.id)
    .select('agent.id')
    .executeTakeFirst()
  if (!agent) throw validationFailed([{ field: 'agent_id', detail: 'is not an agent of this workspace' }])
}
