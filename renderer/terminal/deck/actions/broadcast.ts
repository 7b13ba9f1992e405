// Broadcasting: input in one pane is also sent to the other panes of the group. Not persisted.

import { broadcastSessions, currentDialog, paneHandles } from '../state/deck-state.ts'
import { focusActivePane } from './deck-actions.ts'

/** Sends input of one pane to the other panes of the group. */
export function broadcastInput(session: string, data: string | Uint8Array): void {
  const sessions = broadcastSessions.get()
  if (!sessions.has(session)) return
  for (const other of sessions) if (other !== session) paneHandles.get(other)?.input(data)
}

export function startBroadcast(sessions: ReadonlySet<string>): void {
  broadcastSessions.set(sessions)
  currentDialog.set({ kind: 'none' })
}

export function stopBroadcast(): void {
  broadcastSessions.set(new Set())
  focusActivePane()
}
