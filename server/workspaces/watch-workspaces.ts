// Tells everybody who watches a workspace what it looks like after each change: read and written out once for all of
// them, however many there are. Changes that come while one is being read are one change.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ServerContext } from '../context.ts'
import { type SeenBuild, stepsTo } from './build-steps.ts'
import type { WorkspaceList } from './list-workspaces.ts'

/** Gets the workspace as JSON text; null when it could not be read. */
export type WatchWorkspace = (text: Buffer | null) => void

export interface WorkspaceWatches {
  /** Sends at once, and after each change. @returns stops. */
  watch(workspace: Watched, viewerId: string, send: WatchWorkspace): () => void
}

interface Watched {
  readonly id: string
  readonly template_id: string
  readonly owner_id: string
}

/** Everybody who sees the same of one workspace. */
interface Audience {
  readonly workspaceId: string
  readonly templateId: string
  /** One of them, to read with. */
  readonly viewerId: string
  readonly listeners: Set<WatchWorkspace>
  isReading: boolean
  isChanged: boolean
  seen: SeenBuild | undefined
}

// Some milliseconds of work.
const sliceSize = 50

type WatchContext = Pick<ServerContext, 'events' | 'channels' | 'log'>

export function createWorkspaceWatches({ events, channels, log }: WatchContext, list: WorkspaceList): WorkspaceWatches {
  const audiences = new Map<string, Audience>()

  events.subscribe((event) => {
    if (event.type !== 'workspace' && event.type !== 'template') return
    for (const audience of audiences.values()) {
      const isOurs =
        event.type === 'workspace'
          ? event.workspace_id === audience.workspaceId
          : event.template_id === audience.templateId
      if (isOurs) void tell(audience)
    }
  })
  // What happened while PostgreSQL was away was told to nobody.
  channels.onReconnect(() => {
    for (const audience of audiences.values()) void tell(audience)
  })

  async function read({ workspaceId, viewerId }: Audience): Promise<Buffer | null> {
    try {
      const [text] = await list.show([workspaceId], viewerId)
      return text ?? null
    } catch (err) {
      log.warn({ err, workspaceId }, 'a watched workspace could not be read')
      return null
    }
  }

  async function tell(audience: Audience): Promise<void> {
    audience.isChanged = true
    if (audience.isReading) return
    audience.isReading = true
    while (audience.isChanged && audience.listeners.size > 0) {
      audience.isChanged = false
      for (const text of steps(audience, await read(audience))) await tellAll(audience, text)
    }
    audience.isReading = false
  }

  function steps(audience: Audience, text: Buffer | null): (Buffer | null)[] {
    if (!text) return [null]
    const { seen, texts } = stepsTo(audience.seen, text)
    audience.seen = seen
    return texts
  }

  /** In slices: keystrokes of others go between them. */
  async function tellAll({ listeners }: Audience, text: Buffer | null): Promise<void> {
    let told = 0
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue
      listener(text)
      if (++told % sliceSize === 0) await nextTurn()
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
        seen: undefined,
      }
      audiences.set(key, audience)
      let isOver = false
      let isTold = false
      const listener: WatchWorkspace = (text) => {
        isTold = true
        send(text)
      }
      audience.listeners.add(listener)
      // Its first look is its own; a change that is told meanwhile is newer.
      void read(audience).then((text) => {
        if (isTold || isOver) return
        if (text && !audience.seen) steps(audience, text)
        send(text)
      })
      return () => {
        isOver = true
        audience.listeners.delete(listener)
        if (audience.listeners.size === 0) audiences.delete(key)
      }
    },
  }
}
