// Connection state of a terminal: live, 1.2 s behind, reconnecting 4 s, ended 0, restored.

import { Badge } from '../../components/badge.tsx'
import { Elapsed, exactTime } from '../../components/time.tsx'
import type { TerminalState } from '../connection/terminal-connection.ts'

/** @param restoredFrom when the restored screen was last live, ISO 8601; empty if the session was not restored */
export function TerminalBadge({ state, restoredFrom = '' }: { state: TerminalState; restoredFrom?: string }) {
  switch (state.kind) {
    case 'connecting':
      return <Badge>connecting</Badge>
    case 'live':
      if (state.behindMs > 0) return <Badge variant="attention">{(state.behindMs / 1000).toFixed(1)} s behind</Badge>
      if (restoredFrom) return <RestoredBadge from={restoredFrom} />
      return <span className="text-xs text-muted">live</span>
    case 'reconnecting':
      return (
        <span title={state.reason || 'Connection lost. The session keeps running in its workspace.'}>
          <Badge variant="attention">
            reconnecting&nbsp;·&nbsp;
            <Elapsed since={state.since} />
          </Badge>
        </span>
      )
    case 'exited':
      return (
        <Badge variant={state.code === 0 && !state.signal ? 'neutral' : 'failed'}>
          ended {state.signal ? `by signal ${state.signal}` : state.code}
        </Badge>
      )
  }
}

function RestoredBadge({ from }: { from: string }) {
  return (
    <span
      title={`The previous process ended with the agent. Its screen from ${exactTime(Date.parse(from))} is shown above a new prompt.`}
    >
      <Badge variant="accent">restored</Badge>
    </span>
  )
}
