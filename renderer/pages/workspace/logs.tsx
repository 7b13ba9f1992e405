// The logs of the latest build and of each agent, one at a time.

import { useState } from 'react'
import type { WorkspaceAgent } from '../../../api/agents/agents.ts'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { agentsOf } from '../../api/agents.ts'
import { useAgentLog, useBuildLog } from '../../api/log-stream.ts'
import { Segmented } from '../../components/segmented.tsx'
import { LogView } from '../../workspace/log-view.tsx'
import { useWorkspace } from './workspace-page.tsx'

const buildSource = 'build'

export function WorkspaceLogs() {
  const workspace = useWorkspace()
  const { latest_build: build } = workspace
  const agents = agentsOf(build)
  const [source, setSource] = useState(buildSource)
  const agent = agents.find(({ id }) => id === source)
  const choices = [
    { value: buildSource, label: `Build ${build.build_number}` },
    ...agents.map(({ id, name }) => ({ value: id, label: name })),
  ]
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 px-6 py-4 max-sm:px-3">
      {agents.length > 0 && (
        <Segmented label="Log" value={agent ? agent.id : buildSource} choices={choices} onChange={setSource} />
      )}
      {agent ? <AgentLog key={agent.id} agent={agent} /> : <BuildLog key={build.id} build={build} />}
    </div>
  )
}

function BuildLog({ build }: { build: WorkspaceBuild }) {
  return (
    <LogView
      title={`Build ${build.build_number} · ${build.transition}`}
      log={useBuildLog(build.id)}
      emptyText="No output yet."
      fileName={`${build.workspace_name}-build-${build.build_number}`}
      className="flex-1"
    />
  )
}

function AgentLog({ agent }: { agent: WorkspaceAgent }) {
  return (
    <LogView
      title={agent.name}
      note="scripts"
      log={useAgentLog(agent.id)}
      emptyText="No output."
      fileName={agent.name}
      className="flex-1"
    />
  )
}
