// The terminal sessions of all connected agents.

import { useQueries, useQuery } from '@tanstack/react-query'
import { type TerminalSession, terminalsQuery } from '../api/terminals.ts'
import { workspacesQuery } from '../api/workspaces.ts'
import { type TerminalPlace, terminalPlaces } from '../workspace/workspace-state.ts'

export interface OpenTerminal extends TerminalPlace {
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
  const connected = terminalPlaces(workspaces)
    .filter(({ agent }) => agent.status === 'connected')
    .sort((a, b) => b.workspace.last_used_at.localeCompare(a.workspace.last_used_at))
    .slice(0, maxAgents)
  return useQueries({
    queries: connected.map(({ agent }) => ({ ...terminalsQuery(agent.id), refetchInterval })),
    combine: (results) => ({
      terminals: results.flatMap(({ data = [] }, index) =>
        data.flatMap((session) => {
          const place = connected[index]
          return place ? [{ ...place, session }] : []
        }),
      ),
      isPending: isPending || results.some((result) => result.isPending),
    }),
  })
}
