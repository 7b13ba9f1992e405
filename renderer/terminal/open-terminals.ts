// Every terminal session of the workspaces that run.

import { useQueries, useQuery } from '@tanstack/react-query'
import type { Workspace } from '../../api/workspaces.ts'
import { type TerminalSession, terminalsQuery } from '../api/terminals.ts'
import { workspacesQuery } from '../api/workspaces.ts'
import { mainAgent } from '../workspace/workspace-state.ts'
import type { PaneStatus } from './pane.ts'

export interface OpenTerminal {
  readonly workspace: Workspace
  readonly agentId: string
  readonly agentName: string
  readonly session: TerminalSession
}

// One request each; whoever runs more workspaces than this at once looks for their terminals in the list.
const maxWorkspaces = 12

export function useOpenTerminals(): { terminals: OpenTerminal[]; isPending: boolean } {
  const { data: workspaces = [], isPending } = useQuery(workspacesQuery)
  const connected = workspaces
    .flatMap((workspace) => {
      const agent = mainAgent(workspace)
      return workspace.latest_build.status === 'running' && agent?.status === 'connected'
        ? [{ workspace, agentId: agent.id, agentName: agent.name }]
        : []
    })
    .sort((a, b) => b.workspace.last_used_at.localeCompare(a.workspace.last_used_at))
    .slice(0, maxWorkspaces)
  return useQueries({
    queries: connected.map(({ agentId }) => terminalsQuery(agentId)),
    combine: (results) => ({
      terminals: results.flatMap(({ data = [] }, index) =>
        data.flatMap((session) => {
          const at = connected[index]
          return at ? [{ ...at, session }] : []
        }),
      ),
      isPending: isPending || results.some((result) => result.isPending),
    }),
  })
}

/** What a session is called: the command that runs in it, else the title its program set, else the program's name, else
 *  the command it was started with.
 *  @param status what its pane says, if it has one: that is newer than the agent's list */
export function sessionTitle({ title, command, ...session }: TerminalSession, status?: PaneStatus): string {
  const running = status ? status.command?.isRunning && status.command.command : session.is_busy && session.last_command
  if (running) return running
  const isProgram = /^\/\S+$/.test(title)
  return (isProgram ? title.slice(title.lastIndexOf('/') + 1) : title) || command || 'shell'
}
