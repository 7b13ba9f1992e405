// Shows whether the page receives live updates.

import { RotateCw } from 'lucide-react'
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Connection, EventStream } from '../api/events.ts'
import { buttonClass } from '../components/button.tsx'
import { StatusDot, type Tone } from '../components/status-dot.tsx'
import { clockTime, Elapsed } from '../components/time.tsx'

export const EventStreamContext = createContext<EventStream | null>(null)

// A longer interruption is shown as offline.
const offlineAfterMs = 15_000

export function ConnectionIndicator() {
  const eventStream = useContext(EventStreamContext)
  if (!eventStream) throw new Error('ConnectionIndicator requires an EventStreamContext')
  const connection = useSyncExternalStore(eventStream.subscribe, eventStream.connection)
  return <ConnectionState connection={connection} onRetry={eventStream.retry} />
}

const tones: Record<Connection['kind'], Tone> = {
  connecting: 'changing',
  live: 'running',
  lost: 'attention',
  database: 'attention',
}

export function ConnectionState({ connection, onRetry }: { connection: Connection; onRetry: () => void }) {
  return (
    <div role="status" className="flex h-8 shrink-0 items-center gap-1.5 text-sm text-muted">
      <StatusDot tone={tones[connection.kind]} />
      <ConnectionText connection={connection} />
      {connection.kind === 'lost' && (
        <button type="button" onClick={onRetry} className={buttonClass({ variant: 'quiet', size: 'small' }, 'h-6')}>
          <RotateCw className="size-3.5" aria-hidden /> Retry
        </button>
      )}
    </div>
  )
}

function ConnectionText({ connection }: { connection: Connection }) {
  if (connection.kind === 'live') return <span>live</span>
  if (connection.kind === 'connecting') return <span>connecting</span>
  if (connection.kind === 'database') {
    return (
      <span title={connection.message} className="text-attention-text">
        {connection.state === 'recovering' ? 'database is recovering' : 'database is unavailable'}
      </span>
    )
  }
  // Measured up to the next attempt, because attempts are only seconds apart.
  const isLong = connection.retryAt - connection.since > offlineAfterMs
  return (
    <span className="text-attention-text">
      {isLong ? (
        <>offline since {clockTime(connection.since)}</>
      ) : (
        <>
          reconnecting <Elapsed since={connection.since} />
        </>
      )}
    </span>
  )
}
