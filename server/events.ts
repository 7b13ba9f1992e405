// What changed, told to whoever watches: pages, watch streams, other coderds. A change is published inside the
// transaction that makes it and delivered when that commits. Carries ids; who may see what is decided by who listens.

import type { PushedEvent } from '../api/events.ts'
import { type Channels, notifyChannel } from './database/channels.ts'
import type { Db } from './database/connect.ts'

const channel = 'pushed_events'

export type EventListener = (event: PushedEvent) => void

export interface Events {
  /** Inside a transaction: delivered when it commits. */
  publish(db: Db, event: PushedEvent): Promise<void>
  /** To the listeners of this process only, at once: for what needs no database, such as that it is away. */
  announce(event: PushedEvent): void
  /** @returns stops listening */
  subscribe(listener: EventListener): () => void
  /** Only what happens to one workspace. @returns stops listening */
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
