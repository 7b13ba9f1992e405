// Every open terminal, of all workspaces, as tabs.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, SquareTerminal } from 'lucide-react'
import { useState } from 'react'
import type { Workspace } from '../../../api/workspaces.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { Page } from '../../frame/page.tsx'
import { type OpenTerminal, sessionTitle, useOpenTerminals } from '../../terminal/open-terminals.ts'
import { newSessionId } from '../../terminal/remembered-sessions.ts'
import { TerminalDeck } from '../../terminal/terminal-deck.tsx'
import { useNewWorkspace } from '../../workspace/new-workspace.ts'
import { mainAgent, mayOpenTerminal, workspaceState } from '../../workspace/workspace-state.ts'

const route = getRouteApi('/signed-in/terminals')

interface Shown {
  readonly agentId: string
  readonly sessionId: string
  readonly workspaceName: string
  readonly title: string
}

export function TerminalsPage() {
  const { terminals, isPending } = useOpenTerminals()
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const { session } = route.useSearch()
  const navigate = route.useNavigate()
  const cache = useQueryClient()
  // A session that the agent does not list yet, or no longer.
  const [started, setStarted] = useState<Shown>()
  const listed = terminals.map(toShown)
  const shown =
    listed.find((tab) => tab.sessionId === session) ??
    (started?.sessionId === session ? started : undefined) ??
    listed[0]

  const select = (sessionId: string) => navigate({ search: { session: sessionId } })
  const open = (workspace: Workspace) => {
    const agent = mainAgent(workspace)
    if (!agent) return
    const next = { agentId: agent.id, sessionId: newSessionId(), workspaceName: workspace.name, title: 'shell' }
    setStarted(next)
    void select(next.sessionId)
  }
  const openAnother = () => {
    const workspace = workspaces.find((candidate) => mainAgent(candidate)?.id === shown?.agentId)
    if (workspace) open(workspace)
  }
  const running = workspaces.filter(mayOpenTerminal)

  if (!shown) {
    return (
      <Page title="Terminals">
        {isPending ? (
          <Delayed>
            <Skeleton className="m-6 h-64 rounded-card" />
          </Delayed>
        ) : (
          <NoTerminals running={running} onOpen={open} />
        )}
      </Page>
    )
  }
  const isListed = listed.some((tab) => tab.sessionId === shown.sessionId)
  const tabs = [...listed, ...(isListed ? [] : [shown])].map(({ sessionId, workspaceName, title }) => ({
    id: sessionId,
    label: workspaceName,
    note: title,
  }))
  return (
    <Page fills title="Terminals">
      <TerminalDeck
        {...shown}
        tabs={tabs}
        newControl={<NewTerminal running={running} onOpen={open} />}
        onSelect={(id) => void select(id)}
        onNewSession={openAnother}
        onSessionsChanged={() => void cache.invalidateQueries({ queryKey: ['terminals'] })}
      />
    </Page>
  )
}

const toShown = ({ workspace, agentId, session }: OpenTerminal): Shown => ({
  agentId,
  sessionId: session.id,
  workspaceName: workspace.name,
  title: sessionTitle(session),
})

interface WorkspaceChoice {
  running: readonly Workspace[]
  onOpen: (workspace: Workspace) => void
}

function NewTerminal({ running, onOpen }: WorkspaceChoice) {
  return (
    <Menu
      align="start"
      trigger={
        <Button look="quiet" size="icon-small" aria-label="New terminal">
          <Plus className="size-4" aria-hidden />
        </Button>
      }
    >
      {running.map((workspace) => (
        <MenuItem
          key={workspace.id}
          icon={<StatusDot tone={workspaceState(workspace).tone} />}
          onSelect={() => onOpen(workspace)}
        >
          {workspace.name}
        </MenuItem>
      ))}
    </Menu>
  )
}

function NoTerminals({ running, onOpen }: WorkspaceChoice) {
  const newWorkspace = useNewWorkspace()
  return (
    <Empty
      icon={<SquareTerminal className="size-7" strokeWidth={1.5} aria-hidden />}
      title="No terminal is open"
      action={
        running.length === 0 && (
          <Button look="primary" onClick={newWorkspace}>
            New workspace
          </Button>
        )
      }
    >
      {running.length === 0
        ? 'Terminals live in workspaces, and no workspace runs.'
        : 'Sessions go on when you close this page. Open one in:'}
      {running.length > 0 && (
        <span className="mt-4 flex flex-wrap justify-center gap-2">
          {running.slice(0, 12).map((workspace) => (
            <Button key={workspace.id} onClick={() => onOpen(workspace)}>
              <StatusDot tone={workspaceState(workspace).tone} /> {workspace.name}
            </Button>
          ))}
        </span>
      )}
    </Empty>
  )
}
