// Closes panes. An idle shell is ended; if a program may be running, the user decides whether to end it or to leave it
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
import { broadcastSessions, currentDialog, paneStatuses } from '../state/deck-state.ts'

/** Whether closing may end a program; true if the shell does not report prompts. */
function mayRunProgram(status: PaneStatus | undefined): boolean {
  return status !== undefined && status.state.kind !== 'exited' && !status.isAtPrompt
}

const findAgentId = (pane: Pane, workspaces: readonly Workspace[]): string | undefined => {
  const workspace = workspaces.find(({ id }) => id === pane.workspace_id)
  return workspace && agentsOf(workspace.latest_build).find(({ name }) => name === pane.agent_name)?.id
}

/** Closes panes without ending their sessions. */
export function detachPanes(sessions: readonly string[]): void {
  broadcastSessions.change((broadcast) => new Set([...broadcast].filter((id) => !sessions.includes(id))))
  changeLayout((layout) => sessions.reduce(closePane, layout))
}

/** Ends sessions with their programs and closes their panes. */
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
      // The agent lists the session until its program has exited.
      cache.setQueryData(queryKey, (listed) => listed?.filter(({ id }) => id !== pane.session_id))
    } catch (error) {
      void cache.invalidateQueries({ queryKey })
      if (error instanceof ApiError && error.status === 404) return
      notifyFailure('Could not end the terminal session', error)
    }
  }
}

/** Closes panes, after confirmation if that may end a program. */
export function useClosePanes() {
  const end = useEndSessions()
  return (sessions: readonly string[]): void => {
    const current = paneStatuses.get()
    if (sessions.some((id) => mayRunProgram(current.get(id)))) currentDialog.set({ kind: 'close', sessions })
    else end(sessions)
  }
}
