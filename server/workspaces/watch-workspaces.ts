// Sends workspace changes to watchers: the workspace is loaded and serialized once per change for all watchers.
// Changes during a load are coalesced.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ServerContext } from '../context.ts'
import { replaySteps, type SentBuild } from './build-steps.ts'
import type { WorkspaceList } from './list-workspaces.ts'

/** Receives the workspace as JSON; null if loading failed. */
export type WatchWorkspace = (text: Buffer | null) => void

export interface WorkspaceWatches {
  /** Sends the workspace immediately and after each change. @returns a function that stops watching */
  watch(workspace: WatchedWorkspace, viewerId: string, send: WatchWorkspace): () => void
}

interface WatchedWorkspace {
  readonly id: string
  readonly template_id: string
  readonly owner_id: string
}

/** Watchers that receive the same view of a workspace. */
interface Audience {
  readonly workspaceId: string
  readonly templateId: string
  /** One of the watchers, used to load the view. */
  readonly viewerId: string
  readonly listeners: Set<WatchWorkspace>
  isReading: boolean
  isChanged: boolean
  sent: SentBuild | undefined
}

// Sending this many messages takes a few milliseconds.
const sliceSize = 50

type WatchContext = Pick<ServerContext, 'events' | 'channels' | 'log'>

export function createWorkspaceWatches({ events, channels, log }: WatchContext, list: WorkspaceList): WorkspaceWatches {
  const audiences = new Map<string, Audience>()

  events.subscribe((event) => {
    if (event.type !== 'workspace' && event.type !== 'template') return
    for (const audience of audiences.values()) {
      const isAffected =
        event.type === 'workspace'
          ? event.workspace_id === audience.workspaceId
          : event.template_id === audience.templateId
      if (isAffected) void notifyAudience(audience)
    }
  })
  // Notifications sent during an outage of PostgreSQL are lost, so all views are reloaded.
  channels.onReconnect(() => {
    for (const audience of audiences.values()) void notifyAudience(audience)
  })

  async function read({ workspaceId, viewerId }: Audience): Promise<Buffer | null> {
    try {
      const [text] = await list.serialize([workspaceId], viewerId)
      return text ?? null
    } catch (err) {
      log.warn({ err, workspaceId }, 'could not read a watched workspace')
      return null
    }
  }

  async function notifyAudience(audience: Audience): Promise<void> {
    audience.isChanged = true
    if (audience.isReading) return
    audience.isReading = true
    while (audience.isChanged && audience.listeners.size > 0) {
      audience.isChanged = false
      for (const text of steps(audience, await read(audience))) await sendToAll(audience, text)
    }
    audience.isReading = false
  }

  function steps(audience: Audience, text: Buffer | null): (Buffer | null)[] {
    if (!text) return [null]
    const { sent, texts } = replaySteps(audience.sent, text)
    audience.sent = sent
    return texts
  }

  /** Sends in slices, so that terminal input is handled in between. */
  async function sendToAll({ listeners }: Audience, text: Buffer | null): Promise<void> {
    let sentCount = 0
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue
      listener(text)
      if (++sentCount % sliceSize === 0) await nextTurn()
    }
  }

  return {
    watch(workspace, viewerId, send) {
      const key = `${workspace.id} ${viewerId === workspace.owner_id}`
      const audience = audiences.get(key) ?? {
        workspaceId: workspace.id,
        templateId: workspace.template_id,
        viewerId,
        listeners: new Set(),
        isReading: false,
        isChanged: false,
        sent: undefined,
      }
      audiences.set(key, audience)
      let isStopped = false
      let isSent = false
      const listener: WatchWorkspace = (text) => {
        isSent = true
        send(text)
      }
      audience.listeners.add(listener)
      // The first load is for this watcher only; a change during the load is newer.
      void read(audience).then((text) => {
        if (isSent || isStopped) return
        if (text && !audience.sent) steps(audience, text)
        send(text)
      })
      return () => {
        isStopped = true
        audience.listeners.delete(listener)
        if (audience.listeners.size === 0) audiences.delete(key)
      }
    },
  }
}
