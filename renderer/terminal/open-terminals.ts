// Every terminal session of the workspaces that run.

import { useQueries, useQuery } from '@tanstack/react-query'
import type { Workspace } from '../../api/workspaces.ts'
import { type TerminalSession, terminalsQuery } from '../api/terminals.ts'
import { workspacesQuery } from '../api/workspaces.ts'
import { mainAgent } from '../workspace/workspace-state.ts'

export interface OpenTerminal {
  readonly workspace: Workspace
  readonly agentId: string
  readonly agentName: string
  readonly session: TerminalSession
}

// One request each; whoever runs more workspaces than this at once looks for their terminals in the list.
const maxWorkspaces = 12

/** @param refetchInterval in ms, for whoever is on every page: what goes on elsewhere is told by nobody */
export function useOpenTerminals(refetchInterval: number | false = false): {
  terminals: OpenTerminal[]
  isPending: boolean
} {
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
    queries: connected.map(({ agentId }) => ({ ...terminalsQuery(agentId), refetchInterval })),
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
