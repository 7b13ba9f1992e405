// Change events for dashboards, watch streams and other coderds. An event is published in the transaction of its change
// and delivered on commit. Events contain IDs; listeners authorize the recipients.

import type { PushedEvent } from '../api/events.ts'
import { type Channels, notifyChannel } from './database/channels.ts'
import type { Db } from './database/connect.ts'

const channel = 'pushed_events'

export type EventListener = (event: PushedEvent) => void

export interface Events {
  /** Inside a transaction: delivered when it commits. */
  publish(db: Db, event: PushedEvent): Promise<void>
  /** Delivers immediately to the listeners of this process, for events that must not depend on the database. */
  announce(event: PushedEvent): void
  /** @returns a function that unsubscribes */
  subscribe(listener: EventListener): () => void
  /** Events of one workspace. @returns a function that unsubscribes */
  onWorkspace(workspaceId: string, listener: () => void): () => void
}

export async function openEvents(channels: Channels): Promise<Events> {
  const listeners = new Set<EventListener>()
  const announce = (event: PushedEvent) => {
    for (const listener of listeners) listener(event)
  }
  const subscribe = (listener: EventListener) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  await channels.listen(channel, (payload) => announce(JSON.parse(payload) as PushedEvent))
  return {
    publish: (db, event) => notifyChannel(db, channel, JSON.stringify(event)),
    announce,
    subscribe,
    onWorkspace: (workspaceId, listener) =>
      subscribe((event) => {
        if (event.type === 'workspace' && event.workspace_id === workspaceId) listener()
      }),
  }
}
