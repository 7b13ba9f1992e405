import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { WorkspaceBuild } from '../../api/workspaces/builds.ts'

/** The agents of a build, without sub-agents. */
export const agentsOf = (build: WorkspaceBuild): WorkspaceAgent[] =>
  build.resources.flatMap((resource) => resource.agents ?? []).filter((agent) => agent.parent_id === null)
