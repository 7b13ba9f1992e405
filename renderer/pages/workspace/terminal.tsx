// The terminals of one workspace: the tabs of the window that contain one. Without a session in the address it shows the
// last active one, else the agent's newest, else a new one, and writes it to the address for reloads.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useEffect } from 'react'
import type { WorkspaceAgent } from '../../../api/agents/agents.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { agentsOf } from '../../api/agents.ts'
import { terminalsQuery } from '../../api/terminals.ts'
import { useCreateBuild } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { createPane, filterTabs, showPane } from '../../terminal/deck/actions/deck-actions.ts'
import { DeckOutlet } from '../../terminal/deck/state/deck-location.tsx'
import { changeLayout, currentLayout, useLayout } from '../../terminal/layout/current-layout.ts'
import { findPane } from '../../terminal/layout/tree.ts'
import { activatePane, findTab, getActivePane, type WindowLayout } from '../../terminal/layout/window-layout.ts'
import { randomUuid } from '../../terminal/random-uuid.ts'
import { isBuilding, isRunning, workspaceState } from '../../workspace/workspace-state.ts'
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
  return <Sessions key={agent.id} workspace={workspace} agent={agent} />
}

function Sessions({ workspace, agent }: { workspace: Workspace; agent: WorkspaceAgent }) {
  const { reconnect } = route.useSearch()
  const navigate = route.useNavigate()
  const layout = useLayout()
  const hasLayout = layout !== undefined
  const sessions = useQuery({ ...terminalsQuery(agent.id), enabled: agent.first_connected_at !== undefined })
  const isListed = !sessions.isLoading
  const active = layout && activeSessionOf(layout, workspace.id)
  const show = (sessionId: string, replace: boolean) => navigate({ search: { reconnect: sessionId }, replace })

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once, after both lists are loaded
  useEffect(() => {
    const before = currentLayout()
    if (reconnect || !isListed || !before) return
    const newest = sessions.data?.at(-1)?.id
    void show(activeSessionOf(before, workspace.id) ?? newest ?? randomUuid(), true)
  }, [reconnect, isListed, hasLayout])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address changes the request
  useEffect(() => {
    if (!reconnect) return
    changeLayout((before) =>
      findTab(before, reconnect)
        ? activatePane(before, reconnect)
        : showPane(createPane(workspace.id, agent.name, reconnect))(before),
    )
  }, [reconnect])
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the active session; the effect above follows the address
  useEffect(() => {
    // Read again: the effect above may have changed it.
    const now = currentLayout()
    const shown = now && getActivePane(now)
    if (reconnect && shown && shown.workspace_id === workspace.id && shown.session_id !== reconnect)
      void show(shown.session_id, true)
  }, [active])

  return <DeckOutlet kind="page" workspaceId={workspace.id} />
}

/** The active session of a workspace, or that of its last tab. */
function activeSessionOf(layout: WindowLayout, workspaceId: string): string | undefined {
  const tabs = filterTabs(layout, workspaceId)
  const tab = tabs.find(({ id }) => id === layout.active_tab) ?? tabs.at(-1)
  const pane = tab && findPane(tab.root, tab.active_pane)
  return pane?.workspace_id === workspaceId ? pane.session_id : undefined
}

function NoTerminal({ workspace }: { workspace: Workspace }) {
  const build = useCreateBuild()
  const { tone, label } = workspaceState(workspace)
  return (
    <EmptyState
      icon={<StatusDot tone={tone} className="size-5" />}
      title={isBuilding(workspace) ? `${label}…` : `The workspace is ${label.toLowerCase()}`}
      action={
        !isBuilding(workspace) && (
          <Button
            variant="primary"
            busy={build.isPending}
            onClick={() => build.mutate({ workspace, transition: 'start' })}
          >
            <Play className="size-4" aria-hidden /> Start workspace
          </Button>
        )
      }
    >
      {isBuilding(workspace)
        ? 'The terminal opens here when the workspace is running.'
        : 'Start the workspace to open a terminal. Its previous sessions ended when it stopped.'}
    </EmptyState>
  )
}
