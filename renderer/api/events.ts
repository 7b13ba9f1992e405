// The event stream of a page: invalidates the queries that an event makes stale and reports the state of the connection.
// Holds its socket from the first subscription until shortly after the last.

import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { eventPingEveryMs, type PushedEvent } from '../../api/events.ts'
import { watchEvents } from '../../api/local.ts'
import { socketUrl } from './client.ts'
import { invalidate } from './invalidate.ts'
import { renewPageProof } from './page-session.ts'
import { createReconnectingSocket } from './reconnecting-socket.ts'

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Time of the loss and of the next attempt, in ms of the wall clock. */
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number }
  /** The deployment responds, but its database does not. */
  | { readonly kind: 'database'; readonly state: 'away' | 'recovering'; readonly message: string }

export interface EventStream {
  readonly connection: () => Connection
  readonly subscribe: (listener: () => void) => () => void
  /** Reconnects immediately instead of waiting for the backoff. */
  readonly retry: () => void
}

// One change usually causes several events, which should not refetch a list of a thousand workspaces each.
const batchMs = 150

// Navigation leaves the stream without subscribers for a moment; closing it then would reopen it immediately.
const lingerMs = 500

/** The queries that an event makes stale. */
function staleKeys(event: PushedEvent): readonly QueryKey[] {
  // A new active version makes workspaces outdated.
  if (event.type === 'template') return [['templates'], ['this-computer'], ['workspaces'], ['workspace']]
  if (event.type !== 'workspace' || event.reason === 'agent_logs') return []
  return [['workspaces'], ['workspace'], ['builds', event.workspace_id], ['terminals']]
}

/** @param onRefused called when a connection could not be opened, for example because the session has expired */
export function createEventStream(cache: QueryClient, onRefused: () => void): EventStream {
  const listeners = new Set<() => void>()
  let connection: Connection = { kind: 'connecting' }
  let silenceTimer = 0
  let closeTimer = 0

  const setConnection = (next: Connection) => {
    connection = next
    for (const listener of listeners) listener()
  }

  const batch = new Map<string, QueryKey>()
  let batchTimer = 0
  const markStale = (keys: readonly QueryKey[]) => {
    for (const key of keys) batch.set(JSON.stringify(key), key)
    if (batchTimer || batch.size === 0) return
    const flush = () => {
      for (const queryKey of batch.values()) invalidate(cache, { queryKey })
      const hadEntries = batch.size > 0
      batch.clear()
      batchTimer = hadEntries ? window.setTimeout(flush, batchMs) : 0
    }
    // The first event takes effect immediately, later ones in batches.
    flush()
  }

  const handleEvent = (event: PushedEvent) => {
    if (event.type === 'hello') {
      socket.confirm()
      setConnection({ kind: 'live' })
      // The stream replays nothing: any query may have become stale during the interruption.
      invalidate(cache, {})
    } else if (event.type === 'database') {
      setConnection(event.state === 'ready' ? { kind: 'live' } : { kind: 'database', ...event, state: event.state })
      if (event.state === 'ready') invalidate(cache, {})
    } else markStale(staleKeys(event))
  }

  const restartSilenceTimer = () => {
    clearTimeout(silenceTimer)
    silenceTimer = window.setTimeout(() => socket.drop(), eventPingEveryMs * 2)
  }

  const socket = createReconnectingSocket<string>({
    url: () => socketUrl(watchEvents.path),
    prepareRetry: renewPageProof,
    onConnecting: restartSilenceTimer,
    onMessage(data) {
      restartSilenceTimer()
      handleEvent(JSON.parse(data) as PushedEvent)
    },
    onLost({ code, wasOpen, since, retryAt = since }) {
      clearTimeout(silenceTimer)
      if (!wasOpen && code !== 0) onRefused()
      setConnection({ kind: 'lost', since, retryAt })
    },
  })

  const close = () => {
    clearTimeout(silenceTimer)
    socket.close()
  }

  return {
    connection: () => connection,
    retry: socket.retry,
    subscribe(listener) {
      listeners.add(listener)
      clearTimeout(closeTimer)
      socket.open()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) closeTimer = window.setTimeout(close, lingerMs)
      }
    },
  }
}
