// Resolves the workspace agent that a command names.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { requireWorkspace } from './find-workspace.ts'

/** @param name `workspace`, or `workspace.agent` for a workspace with several agents; `owner/` may precede it */
export async function requireAgent(
  connection: Connection,
  name: string,
): Promise<{ workspace: Workspace; agent: WorkspaceAgent }> {
  const [workspaceName = '', agentName] = name.split('.')
  const workspace = await requireWorkspace(connection, workspaceName)
  const agents = workspace.latest_build.resources.flatMap((resource) => resource.agents ?? [])
  const agent = agentName ? agents.find((candidate) => candidate.name === agentName) : agents[0]
  if (agent) return { workspace, agent }
  if (agents.length > 0)
    throw new CommandError(`Workspace ${workspaceName} has no agent ${agentName}.`, {
      detail: `Agents: ${agents.map((candidate) => candidate.name).join(', ')}`,
    })
  if (workspace.latest_build.status === 'running') throw new CommandError(`Workspace ${workspaceName} has no agents.`)
  throw new CommandError(`Workspace ${workspaceName} is not running.`, {
    hint: `start it with \`coder start ${workspaceName}\`.`,
  })
}
