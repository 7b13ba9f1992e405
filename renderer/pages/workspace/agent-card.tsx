// How one agent is: its state, where it runs, and, when it is not well, why and what to press.

import { useQuery } from '@tanstack/react-query'
import { CircleAlert } from 'lucide-react'
import type { WorkspaceAgent } from '../../../api/agents.ts'
import type { Workspace } from '../../../api/workspaces.ts'
import { thisComputerQuery } from '../../api/this-computer.ts'
import { useBuild } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Card, Fact, Facts } from '../../components/card.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { Ago, Elapsed } from '../../components/time.tsx'
import { agentState, isBuilding, shortFolder } from '../../workspace/workspace-state.ts'

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
          {state.word}
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
        <Fact name="Connected">
          <Ago at={agent.last_connected_at} />
        </Fact>
        {agent.version && <Fact name="Version">{agent.version}</Fact>}
      </Facts>
      {!agent.health.healthy && state.tone !== 'changing' && <Trouble agent={agent} workspace={workspace} />}
    </Card>
  )
}

function Trouble({ agent, workspace }: { agent: WorkspaceAgent; workspace: Workspace }) {
  const build = useBuild()
  return (
    <div role="alert" className="mt-4 rounded-control border border-attention bg-attention-soft/40 p-3 text-sm">
      <p className="flex gap-2">
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-attention-text" aria-hidden />
        <span className="min-w-0 break-words">{sentence(agent.health.reason) || 'The agent does not answer.'}</span>
      </p>
      <Button
        className="mt-3"
        disabled={isBuilding(workspace)}
        busy={build.isPending}
        onClick={() => build.mutate({ workspace, transition: 'start' })}
      >
        Start again
      </Button>
    </div>
  )
}

const sentence = (text = ''): string => (text === '' ? '' : text[0]?.toUpperCase() + text.slice(1))
