// Every terminal session of the agents that run.

import { useQueries, useQuery } from '@tanstack/react-query'
import { type TerminalSession, terminalsQuery } from '../api/terminals.ts'
import { workspacesQuery } from '../api/workspaces.ts'
import { type TerminalPlace, terminalPlaces } from '../workspace/workspace-state.ts'

export interface OpenTerminal extends TerminalPlace {
  readonly session: TerminalSession
}

// One request each; whoever runs more agents than this at once looks for their terminals in the list of workspaces.
const maxAgents = 12

/** @param refetchInterval in ms, for whoever is on every page: what goes on elsewhere is told by nobody */
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
          const at = connected[index]
          return at ? [{ ...at, session }] : []
        }),
      ),
      isPending: isPending || results.some((result) => result.isPending),
    }),
  })
}
