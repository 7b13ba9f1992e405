// The empty deck: workspaces in which a terminal can be opened, and running sessions without a pane.

import { useQuery } from '@tanstack/react-query'
import { SquareTerminal } from 'lucide-react'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { useNewWorkspace } from '../../workspace/new-workspace.ts'
import { listTerminalTargets, workspaceState } from '../../workspace/workspace-state.ts'
import { changeLayout } from '../layout/current-layout.ts'
import { useOpenTerminals } from '../open-terminals.ts'
import { createPaneFor, showPane, useShowSession } from './actions/deck-actions.ts'
import type { DeckLocation } from './state/deck-location.tsx'
import { useSessionTitles } from './state/use-session-titles.ts'

const maxShown = 12

export function NoTerminals({ location }: { location: DeckLocation | undefined }) {
  const { data: workspaces = [], isPending } = useQuery(workspacesQuery)
  const titles = useSessionTitles()
  const { terminals } = useOpenTerminals()
  const newWorkspace = useNewWorkspace()
  const show = useShowSession()
  const isHere = ({ id }: Workspace) => !location?.workspaceId || location.workspaceId === id
  const targets = listTerminalTargets(workspaces.filter(isHere))
  const detached = terminals.filter(({ workspace }) => isHere(workspace))
  if (isPending) return null
  return (
    <div className="min-h-0 flex-1 overflow-y-auto pb-8">
      <EmptyState
        icon={<SquareTerminal className="size-7" strokeWidth={1.5} aria-hidden />}
        title="No open terminals"
        action={
          targets.length === 0 && (
            <Button variant="primary" onClick={newWorkspace}>
              New workspace
            </Button>
          )
        }
      >
        {targets.length === 0
          ? 'Start a workspace to open a terminal.'
          : 'Terminals keep running when you close this page. Open one in:'}
        {targets.length > 0 && (
          <span className="mt-4 flex flex-wrap justify-center gap-2">
            {targets.slice(0, maxShown).map((target) => (
              <Button key={target.agent.id} onClick={() => changeLayout(showPane(createPaneFor(target)))}>
                <StatusDot tone={workspaceState(target.workspace).tone} /> {target.name}
              </Button>
            ))}
          </span>
        )}
      </EmptyState>
      {detached.length > 0 && (
        <section className="mx-auto mt-8 w-full max-w-[420px] px-4">
          <h3 className="mb-1.5 text-xs font-medium text-muted">Running without a pane</h3>
          <ul className="overflow-hidden rounded-card border border-line bg-surface">
            {detached.slice(0, maxShown).map((terminal) => (
              <li key={terminal.session.id} className="border-line not-first:border-t">
                <button
                  type="button"
                  onClick={() => show(terminal)}
                  className="flex h-9 w-full items-center gap-3 px-3 text-left hover:bg-hover focus-visible:-outline-offset-2"
                >
                  <StatusDot tone={workspaceState(terminal.workspace).tone} />
                  <span className="font-medium">{terminal.name}</span>
                  <span className="min-w-0 flex-1 truncate text-sm text-muted" dir="auto">
                    {titles.long(terminal.session.id)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
