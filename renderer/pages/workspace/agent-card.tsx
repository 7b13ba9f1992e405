// An agent: its state and location and, if it is unhealthy, the cause and the actions.

import { useQuery } from '@tanstack/react-query'
import type { WorkspaceAgent } from '../../../api/agents/agents.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { thisComputerQuery } from '../../api/local.ts'
import { Card, Fact, Facts } from '../../components/card.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { Ago, Elapsed } from '../../components/time.tsx'
import { AgentAlert } from '../../workspace/agent-alert.tsx'
import { agentState, shortFolder } from '../../workspace/workspace-state.ts'

export function AgentCard({ agent, workspace }: { agent: WorkspaceAgent; workspace: Workspace }) {
  const state = agentState(agent)
  const { data: computer } = useQuery(thisComputerQuery)
  const folder = agent.expanded_directory || agent.directory
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          <StatusDot tone={state.tone} /> {agent.name}
        </span>
      }
      note={[agent.operating_system, agent.architecture].filter(Boolean).join(' ')}
    >
      <Facts>
        <Fact name="State">
          {state.label}
          {state.since && (
            <span className="text-muted">
              {' · '}
              <Elapsed since={state.since} />
            </span>
          )}
        </Fact>
        {folder && (
          <Fact name="Folder">
            <code className="text-xs wrap-anywhere">{shortFolder(folder, computer?.home)}</code>
          </Fact>
        )}
        <Fact name="Last connected">
          <Ago at={agent.last_connected_at} />
        </Fact>
        {agent.version && <Fact name="Version">{agent.version}</Fact>}
      </Facts>
      <AgentAlert agent={agent} workspace={workspace} className="mt-4 rounded-control" />
    </Card>
  )
}
