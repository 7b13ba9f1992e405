// The one pushed event stream of a page: what changed is asked for again, and the state of the connection is there to
// be shown. Holds its socket from the first listener until a moment after the last.

import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { eventPingEveryMs, type PushedEvent } from '../../api/events.ts'
import { watchEvents } from '../../api/local.ts'
import { askAgain } from './ask-again.ts'
import { backOffMs, onWake } from './back-off.ts'
import { socketUrl } from './client.ts'

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `since` when the stream was lost, `retryAt` when it is tried again; both in ms of the wall clock. */
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number }
  /** The deployment answers, its database does not. */
  | { readonly kind: 'database'; readonly state: 'away' | 'recovering'; readonly message: string }

export interface Watch {
  readonly connection: () => Connection
  readonly subscribe: (listener: () => void) => () => void
  /** Tries at once instead of waiting for the back-off. */
  readonly retry: () => void
}

// One change mostly comes as several events; a list of a thousand workspaces need not be fetched for each.
const gatherMs = 150

// Between two pages nobody listens for a moment; a stream that were closed then would be opened again at once.
const lingerMs = 500

/** Which queries an event makes stale. */
function staleKeys(event: PushedEvent): readonly QueryKey[] {
  if (event.type === 'template') return [['templates'], ['this-computer']]
  if (event.type !== 'workspace' || event.reason === 'agent_logs') return []
  return [['workspaces'], ['workspace'], ['builds', event.workspace_id], ['terminals']]
}

/** `onRefused` is called when a connection could not be opened, which is also how an ended session shows itself. */
export function createWatch(cache: QueryClient, onRefused: () => void): Watch {
  const listeners = new Set<() => void>()
  let connection: Connection = { kind: 'connecting' }
  let socket: WebSocket | undefined
  let attempt = 0
  let lostSince = 0
  let retryTimer = 0
  let silenceTimer = 0
  let closeTimer = 0
  let stopWaking: (() => void) | undefined

  const become = (next: Connection) => {
    connection = next
    for (const listener of listeners) listener()
  }

  const gathered = new Map<string, QueryKey>()
  let gatherTimer = 0
  const takeAsStale = (keys: readonly QueryKey[]) => {
    for (const key of keys) gathered.set(JSON.stringify(key), key)
    if (gatherTimer || gathered.size === 0) return
    const flush = () => {
      for (const queryKey of gathered.values()) askAgain(cache, { queryKey })
      const anyMore = gathered.size > 0
      gathered.clear()
      gatherTimer = anyMore ? window.setTimeout(flush, gatherMs) : 0
    }
    // The first at once, the following together.
    flush()
  }

  const hearFrom = (source: WebSocket) => {
    clearTimeout(silenceTimer)
    silenceTimer = window.setTimeout(() => drop(source), eventPingEveryMs * 2)
  }

  const take = (event: PushedEvent) => {
    if (event.type === 'hello') {
      attempt = 0
      lostSince = 0
      become({ kind: 'live' })
      // Nothing is replayed: whatever happened meanwhile is not known.
      askAgain(cache, {})
    } else if (event.type === 'database') {
      become(event.state === 'ready' ? { kind: 'live' } : { kind: 'database', ...event, state: event.state })
      if (event.state === 'ready') askAgain(cache, {})
    } else takeAsStale(staleKeys(event))
  }

  const dial = () => {
    clearTimeout(retryTimer)
    const opening = new WebSocket(socketUrl(watchEvents.path))
    socket = opening
    hearFrom(opening)
    let wasOpen = false
    opening.addEventListener('open', () => {
      wasOpen = true
    })
    opening.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (socket !== opening) return
      hearFrom(opening)
      take(JSON.parse(data) as PushedEvent)
    })
    opening.addEventListener('close', () => {
      if (socket !== opening) return
      if (!wasOpen) onRefused()
      drop(opening)
    })
  }

  const drop = (dropped: WebSocket) => {
    if (socket !== dropped) return
    socket = undefined
    clearTimeout(silenceTimer)
    dropped.close()
    lostSince ||= Date.now()
    const delay = backOffMs(attempt++)
    become({ kind: 'lost', since: lostSince, retryAt: Date.now() + delay })
    retryTimer = window.setTimeout(dial, delay)
  }

  const retry = () => {
    if (connection.kind === 'lost' && !socket) dial()
  }

  const close = () => {
    stopWaking?.()
    stopWaking = undefined
    clearTimeout(retryTimer)
    clearTimeout(silenceTimer)
    const closing = socket
    socket = undefined
    closing?.close()
  }

  return {
    connection: () => connection,
    retry,
    subscribe(listener) {
      listeners.add(listener)
      clearTimeout(closeTimer)
      if (!stopWaking) {
        stopWaking = onWake(retry)
        dial()
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) closeTimer = window.setTimeout(close, lingerMs)
      }
    },
  }
}
