// The terminal sessions of all connected agents.

import { useQueries, useQuery } from '@tanstack/react-query'
import { type TerminalSession, terminalsQuery } from '../api/terminals.ts'
import { workspacesQuery } from '../api/workspaces.ts'
import { listTerminalTargets, type TerminalTarget } from '../workspace/workspace-state.ts'

export interface OpenTerminal extends TerminalTarget {
  readonly session: TerminalSession
}

// Each agent costs one request. Sessions of further agents are listed on their workspace pages.
const maxAgents = 12

/** @param refetchInterval ms; no event reports the sessions that other clients open or close */
export function useOpenTerminals(refetchInterval: number | false = false): {
  terminals: OpenTerminal[]
  isPending: boolean
} {
  const { data: workspaces = [], isPending } = useQuery(workspacesQuery)
  const connected = listTerminalTargets(workspaces)
    .filter(({ agent }) => agent.status === 'connected')
    .sort((a, b) => b.workspace.last_used_at.localeCompare(a.workspace.last_used_at))
    .slice(0, maxAgents)
  return useQueries({
    queries: connected.map(({ agent }) => ({ ...terminalsQuery(agent.id), refetchInterval })),
    combine: (results) => ({
      terminals: results.flatMap(({ data = [] }, index) =>
        data.flatMap((session) => {
          const target = connected[index]
          return target ? [{ ...target, session }] : []
        }),
      ),
      isPending: isPending || results.some((result) => result.isPending),
    }),
  })
}
