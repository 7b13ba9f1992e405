// Closing panes. An idle shell just ends; where a program runs, or may run, its person decides: end it, or leave it
// running without a pane.

import { useQueryClient } from '@tanstack/react-query'
import { closeTerminal } from '../../../../api/agents/terminals.ts'
import { ApiError } from '../../../../api/errors.ts'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { agentsOf } from '../../../api/agents.ts'
import { client } from '../../../api/client.ts'
import { terminalsQuery } from '../../../api/terminals.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { notifyFailure } from '../../../notices.ts'
import { changeLayout, currentLayout } from '../../layout/current-layout.ts'
import type { Pane } from '../../layout/tree.ts'
import { closePane, listAllPanes } from '../../layout/window-layout.ts'
import type { PaneStatus } from '../../pane/pane-types.ts'
import { broadcastSessions, openDialog, paneStatuses } from '../state/deck-state.ts'

/** Whether something runs that would be lost; also where the shell does not tell. */
function mayHaveProgram(status: PaneStatus | undefined): boolean {
  return status !== undefined && status.state.kind !== 'exited' && !status.isAtPrompt
}

const findAgentId = (pane: Pane, workspaces: readonly Workspace[]): string | undefined => {
  const workspace = workspaces.find(({ id }) => id === pane.workspace_id)
  return workspace && agentsOf(workspace.latest_build).find(({ name }) => name === pane.agent_name)?.id
}

/** Takes panes off the page; their sessions go on. */
export function detachPanes(sessions: readonly string[]): void {
  broadcastSessions.change((together) => new Set([...together].filter((id) => !sessions.includes(id))))
  changeLayout((layout) => sessions.reduce(closePane, layout))
}

/** Ends sessions with whatever runs in them, and takes their panes off the page. */
export function useEndSessions() {
  const cache = useQueryClient()
  return (sessions: readonly string[]): void => {
    const layout = currentLayout()
    const workspaces = cache.getQueryData(workspacesQuery.queryKey) ?? []
    const panes = layout ? listAllPanes(layout).filter(({ session_id }) => sessions.includes(session_id)) : []
    detachPanes(sessions)
    for (const pane of panes) void end(pane, findAgentId(pane, workspaces))
  }

  async function end(pane: Pane, agentId: string | undefined): Promise<void> {
    if (!agentId || paneStatuses.get().get(pane.session_id)?.state.kind === 'exited') return
    const { queryKey } = terminalsQuery(agentId)
    try {
      await client.call(closeTerminal, { params: { workspaceagent: agentId, terminal: pane.session_id } })
      // Its program is given a moment to end, and until then the agent still lists it.
      cache.setQueryData(queryKey, (listed) => listed?.filter(({ id }) => id !== pane.session_id))
    } catch (error) {
      void cache.invalidateQueries({ queryKey })
      if (error instanceof ApiError && error.status === 404) return
      notifyFailure('A terminal could not be ended and goes on', error)
    }
  }
}

/** Closes panes, and asks first where that may end a program. */
export function useClosePanes() {
  const end = useEndSessions()
  return (sessions: readonly string[]): void => {
    const known = paneStatuses.get()
    if (sessions.some((id) => mayHaveProgram(known.get(id)))) openDialog.set({ kind: 'close', sessions })
    else end(sessions)
  }
}
