// The terminals of one workspace. Without a named session it shows the one looked at last, else the newest the agent
// holds, else a new one; the address then names it, so that a reload finds it again.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useEffect } from 'react'
import type { WorkspaceAgent } from '../../../api/agents.ts'
import type { Workspace } from '../../../api/workspaces.ts'
import { terminalsQuery } from '../../api/terminals.ts'
import { useBuild } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { Elapsed } from '../../components/time.tsx'
import { sessionTitle } from '../../terminal/open-terminals.ts'
import { newSessionId, rememberSession, sessionToShow } from '../../terminal/remembered-sessions.ts'
import { TerminalDeck } from '../../terminal/terminal-deck.tsx'
import { AgentTrouble } from '../../workspace/agent-trouble.tsx'
import { agentsOf, isBuilding, isRunning, workspaceState } from '../../workspace/workspace-state.ts'
import { useWorkspace } from './workspace-page.tsx'

const route = getRouteApi('/signed-in/@{$owner}/$name/terminal')

export function WorkspaceTerminal() {
  const workspace = useWorkspace()
  const { name } = route.useParams()
  const agents = agentsOf(workspace.latest_build)
  // Coder's addresses may name an agent: `name.agent`.
  const named = name.split('.')[1]
  const agent = agents.find((candidate) => candidate.name === named) ?? agents[0]
  if (!isRunning(workspace) || !agent) return <NoTerminal workspace={workspace} />
  // An agent that was connected once is dialled by the pane itself, which knows how to wait.
  if (agent.first_connected_at === undefined) return <AgentIsConnecting agent={agent} />
  return (
    <>
      <AgentTrouble agent={agent} workspace={workspace} className="border-x-0 border-t-0" />
      <Sessions key={agent.id} workspace={workspace} agent={agent} />
    </>
  )
}

function Sessions({ workspace, agent }: { workspace: Workspace; agent: WorkspaceAgent }) {
  const { reconnect } = route.useSearch()
  const navigate = route.useNavigate()
  const cache = useQueryClient()
  const sessions = useQuery(terminalsQuery(agent.id))
  const held = sessions.data ?? []
  const isListed = !sessions.isPending
  const show = (sessionId: string, replace: boolean) => navigate({ search: { reconnect: sessionId }, replace })

  // biome-ignore lint/correctness/useExhaustiveDependencies: chosen once, when the list is there
  useEffect(() => {
    if (!reconnect && isListed) void show(sessionToShow(workspace.id, held) ?? newSessionId(), true)
  }, [reconnect, isListed])
  useEffect(() => {
    if (reconnect) rememberSession(workspace.id, reconnect)
  }, [reconnect, workspace.id])

  if (!reconnect) return <div className="flex-1 bg-terminal" />
  const tabs = held.map((session) => ({ id: session.id, label: sessionTitle(session), note: '' }))
  const isNew = !held.some(({ id }) => id === reconnect)
  const shownTabs = isNew ? [...tabs, { id: reconnect, label: 'shell', note: '' }] : tabs
  return (
    <TerminalDeck
      agentId={agent.id}
      sessionId={reconnect}
      workspaceName={workspace.name}
      tabs={shownTabs}
      onSelect={(id) => void show(id, false)}
      onNewSession={() => void show(newSessionId(), false)}
      onSessionsChanged={() => void cache.invalidateQueries({ queryKey: terminalsQuery(agent.id).queryKey })}
    />
  )
}

function AgentIsConnecting({ agent }: { agent: WorkspaceAgent }) {
  return (
    <div role="status" className="flex flex-1 items-center justify-center gap-2.5 text-muted">
      <StatusDot tone="changing" />
      <span>
        Waiting for the agent “{agent.name}” to connect · <Elapsed since={agent.created_at} />
        {agent.connection_timeout_seconds > 0 && ` of ${agent.connection_timeout_seconds} s`}
      </span>
    </div>
  )
}

function NoTerminal({ workspace }: { workspace: Workspace }) {
  const build = useBuild()
  const { tone, word } = workspaceState(workspace)
  return (
    <Empty
      icon={<StatusDot tone={tone} className="size-5" />}
      title={isBuilding(workspace) ? `${word} …` : `The workspace is ${word.toLowerCase()}`}
      action={
        !isBuilding(workspace) && (
          <Button
            look="primary"
            busy={build.isPending}
            onClick={() => build.mutate({ workspace, transition: 'start' })}
          >
            <Play className="size-4" aria-hidden /> Start workspace
          </Button>
        )
      }
    >
      {isBuilding(workspace)
        ? 'Its terminal opens here when it is there.'
        : 'A terminal needs it running. Its earlier sessions ended when it stopped.'}
    </Empty>
  )
}
