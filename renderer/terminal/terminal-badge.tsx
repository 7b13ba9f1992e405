// How fresh a terminal is: live, 1.2 s behind, reconnecting 4 s, ended 0.

import { Badge } from '../components/badge.tsx'
import { Elapsed } from '../components/time.tsx'
import type { TerminalState } from './terminal-connection.ts'

export function TerminalBadge({ state }: { state: TerminalState }) {
  switch (state.kind) {
    case 'connecting':
      return <Badge>connecting</Badge>
    case 'live':
      return state.behindMs > 0 ? (
        <Badge look="attention">{(state.behindMs / 1000).toFixed(1)} s behind</Badge>
      ) : (
        <span className="text-xs text-muted">live</span>
      )
    case 'reconnecting':
      return (
        <Badge look="attention">
          reconnecting&nbsp;·&nbsp;
          <Elapsed since={state.since} />
        </Badge>
      )
    case 'exited':
      return (
        <Badge look={state.code === 0 ? 'neutral' : 'failed'}>
          ended {state.signal ? `by signal ${state.signal}` : state.code}
        </Badge>
      )
  }
}
