// Which agent of which workspace a name means.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { requireWorkspace } from './find-workspace.ts'

/** @param name of the workspace, or `workspace.agent` where it has several; with `owner/` in front where it is another's. */
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
    throw new CommandError(`${workspaceName} has no agent ${agentName}.`, {
      detail: `Agents: ${agents.map((candidate) => candidate.name).join(', ')}`,
    })
  if (workspace.latest_build.status === 'running') throw new CommandError(`${workspaceName} has no agents.`)
  throw new CommandError(`${workspaceName} is not running.`, {
    hint: `start it with \`coder start ${workspaceName}\`.`,
  })
}
